"""The command line: bundles shown, tables printed and written, errors in one line with a hint."""

import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

import gnn
from gnn.bundle.file import write_bundle
from gnn.cli.main import main
from gnn.predict.loads import FOLDERS
from graph_service.bootstrap.stores import open_stores
from graph_service.settings import Settings
from tests.unit.gnn.worlds import World, drawn_bundle, usual_watts

SHIPPED = Path(gnn.__file__).parent / "shipped"


def _run(monkeypatch, capsys, *words):
    monkeypatch.setattr(sys, "argv", ["gridstrata-gnn", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code, capsys.readouterr()


@pytest.fixture
def bundles(tmp_path):
    for task, name in FOLDERS.items():
        write_bundle(tmp_path / "bundles" / name, drawn_bundle(task))
    return tmp_path / "bundles"


def test_bundle__says_what_it_serves(bundles, monkeypatch, capsys):
    code, said = _run(monkeypatch, capsys, "bundle", bundles / "load-now")
    assert code == 0
    assert "L1 version" in said.out
    assert "lv_feeder    gate shut: allocation" in said.out


@pytest.mark.parametrize("name", sorted(each.name for each in SHIPPED.iterdir() if each.is_dir()))
def test_bundle__of_any_task__is_shown(name, monkeypatch, capsys):
    code, said = _run(monkeypatch, capsys, "bundle", SHIPPED / name)
    assert code == 0
    assert all(word in said.out for word in (" version ", " features", "arrays ", "gate "))


def test_bundle__of_a_task_that_is_not_known__names_those_that_are(tmp_path, monkeypatch, capsys):
    (tmp_path / "manifest.json").write_text('{"task": "X9"}')
    code, said = _run(monkeypatch, capsys, "bundle", tmp_path)
    assert code == 1
    assert "is of the task X9, this program knows L1, L2, L3, F1, F2" in said.err


def test_bundle__that_is_none__is_one_line_and_a_hint(tmp_path, monkeypatch, capsys):
    code, said = _run(monkeypatch, capsys, "bundle", tmp_path)
    assert code == 1
    assert "is no bundle" in said.err
    assert "hint: " in said.err


def test_evaluate__judges_bundles_on_other_networks(bundles, tmp_path, monkeypatch, capsys):
    world = World(tmp_path / "mine")
    world.fill(usual_watts())
    world.close()
    words = ("evaluate", bundles, "--data", tmp_path / "mine", "--write", tmp_path / "report")
    code, said = _run(monkeypatch, capsys, *words)
    assert code == 0
    assert "## L1, transformer" in said.out
    assert "tree-sage mean" in said.out
    assert (tmp_path / "report" / "table.json").exists()


def test_train__where_torch_is_missing__says_what_to_install(tmp_path, monkeypatch, capsys):
    for name in [n for n in sys.modules if n.startswith("gnn.training")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "torch", None)
    world = World(tmp_path / "mine")
    world.fill(usual_watts())
    world.close()
    words = ("train", tmp_path / "out", "--towns", 0, "--data", tmp_path / "mine")
    code, said = _run(monkeypatch, capsys, *words)
    assert code == 1
    assert "training needs torch" in said.err
    assert "gridstrata[gnn]" in said.err


def test_train__on_a_folder_without_readings__says_so(tmp_path, monkeypatch, capsys):
    World(tmp_path / "mine").close()
    words = ("train", tmp_path / "out", "--towns", 0, "--data", tmp_path / "mine")
    code, said = _run(monkeypatch, capsys, *words)
    assert code == 1
    assert "has a reading of ENERGY_IN or P" in said.err


def test_evaluate__shows_the_tasks_that_have_a_table_of_their_own(tmp_path, monkeypatch, capsys):
    shipped = Path(gnn.__file__).parent / "shipped"
    code, said = _run(monkeypatch, capsys, "evaluate", shipped, "--write", tmp_path)
    assert code == 0
    assert "## L3, transformer" in said.out
    assert "## F2, failure within 30 days" in said.out
    assert (tmp_path / "card-outage-peak.md").exists()
    assert (tmp_path / "card-failure-risk.md").exists()


@pytest.mark.parametrize("command", ["train-failures", "train-pickup"])
def test_train__of_other_tasks_where_lightgbm_is_missing__says_what_to_install(
    command, tmp_path, monkeypatch, capsys
):
    monkeypatch.setitem(sys.modules, "lightgbm", None)
    code, said = _run(monkeypatch, capsys, command, tmp_path / "out")
    assert code == 1
    assert "needs lightgbm, which is not installed" in said.err
    assert "gridstrata[gnn]" in said.err


def test_fleet__says_how_many_feeders_and_places(tmp_path, monkeypatch, capsys):
    world = World(tmp_path / "mine")
    world.fill(usual_watts())
    world.close()
    with ExitStack() as closing:
        open_stores(Settings(data=tmp_path / "mine"), closing)
    out = tmp_path / "said.jsonl"
    words = ("fleet", tmp_path / "mine", "--at", "2026-01-31T00:00Z", "--hours", 2, "--write", out)
    code, said = _run(monkeypatch, capsys, *words)
    assert code == 0
    assert said.out.startswith("1 feeders, 6 places, ")
    assert len(out.read_text().splitlines()) == 6


@pytest.mark.parametrize("at", ["noon", "2026-01-31"])
def test_fleet__time_that_is_none__is_told(at, tmp_path, monkeypatch, capsys):
    code, said = _run(monkeypatch, capsys, "fleet", tmp_path, "--at", at)
    assert (code, "hint: write it with its zone" in said.err) == (1, True)
