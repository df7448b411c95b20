"""The configuration of a run: defaults, a file, and what cannot be."""

import pytest

from gnn.config import Config, read_config
from gnn.errors import BadConfig


def test_no_file__is_the_default():
    assert read_config(None) == Config()


def test_file__changes_what_it_names(tmp_path):
    path = tmp_path / "run.toml"
    path.write_text("[model]\nhidden = 16\nseeds = [4, 5]\n[data]\nmetered = 1\n")
    found = read_config(path)
    assert (found.model.hidden, found.model.seeds, found.data.metered) == (16, (4, 5), 1)
    assert found.model.layers == Config().model.layers


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[models]\n", "has the table models"),
        ("[model]\nwidth = 3\n", "has no 'width'"),
        ("[model]\nhidden = 'many'\n", "hidden is 'many'"),
        ("[model", "cannot be read"),
    ],
)
def test_file_that_cannot_be__is_told(tmp_path, text, said):
    path = tmp_path / "run.toml"
    path.write_text(text)
    with pytest.raises(BadConfig, match=said):
        read_config(path)


def test_file_that_is_not_there__is_told(tmp_path):
    with pytest.raises(BadConfig, match="cannot be read"):
        read_config(tmp_path / "none.toml")
