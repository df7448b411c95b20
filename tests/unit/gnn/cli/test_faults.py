"""The commands about faults: judged as stated and on other networks, trained on one's own."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from gnn.cli.main import main
from gnn.faults.bundle import FOLDER, read_fault_bundle, write_fault_bundle
from tests.unit.gnn.faults.asked import drawn_bundle
from tests.unit.gnn.faults.towns import town


@pytest.fixture(scope="module")
def mine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a small town."""
    folder = tmp_path_factory.mktemp("mine")
    with ExitStack() as closing:
        town(folder, 300, closing)
    return folder / "data"


def _run(monkeypatch, capsys, *words):
    monkeypatch.setattr(sys, "argv", ["gridstrata-gnn", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code, capsys.readouterr()


def test_evaluate_faults__writes_table_figure_and_card(tmp_path, monkeypatch, capsys):
    write_fault_bundle(tmp_path / FOLDER, drawn_bundle())
    words = ("evaluate-faults", tmp_path, "--write", tmp_path / "report")
    code, said = _run(monkeypatch, capsys, *words)
    assert code == 0
    assert "## F1, sensors 30 %" in said.out
    written = {path.name for path in (tmp_path / "report").iterdir()}
    assert written == {"faults.md", "rank-F1.svg", f"card-{FOLDER}.md"}


def test_train_faults__on_a_network_of_ones_own__is_judged_on_others(
    mine, tmp_path, monkeypatch, capsys
):
    small = ("--towns", 0, "--unseen", 0, "--faults", 3, "--judged", 2, "--seeds", 1)
    code, said = _run(monkeypatch, capsys, "train-faults", tmp_path, "--data", mine, *small)
    assert code == 0, said.err
    assert "F1 sensors 3 %: gate" in said.out
    manifest = read_fault_bundle(tmp_path / FOLDER).manifest
    assert (manifest.data["words"], manifest.seeds) == ("data", (1,))
    judged = ("evaluate-faults", tmp_path, "--data", mine, "--judged", 1)
    code, said = _run(monkeypatch, capsys, *judged)
    assert code == 0, said.err
    assert "| unseen networks | section-sage mean |" in said.out


def test_train_faults__nothing_to_learn_from__is_one_line_and_a_hint(tmp_path, monkeypatch, capsys):
    words = ("train-faults", tmp_path, "--towns", 0, "--unseen", 0)
    code, said = _run(monkeypatch, capsys, *words)
    assert code == 1
    assert "neither a data folder nor towns" in said.err


def test_evaluate_faults__folder_that_is_not_there__is_one_line_and_a_hint(
    tmp_path, monkeypatch, capsys
):
    write_fault_bundle(tmp_path / FOLDER, drawn_bundle())
    words = ("evaluate-faults", tmp_path, "--data", tmp_path / "nowhere")
    code, said = _run(monkeypatch, capsys, *words)
    assert code == 1
    assert "is no data folder" in said.err
