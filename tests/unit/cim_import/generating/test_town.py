"""A generated town is one whole, repeatable CIM delivery."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cim_import.generating import TownSummary, generate_town
from cim_import.profiles import COMMUNICATION, NAMESPACES, OWNERSHIP, properties_of
from graph_service.domain import tables
from graph_service.domain.errors import InvalidCall, UnreadableInput
from tests.deliveries import Delivery

PROFILE_OF = {
    "town_CO.xml": COMMUNICATION,
    "town_CU.xml": OWNERSHIP,
    "town_OW.xml": OWNERSHIP,
}


def digests(directory: Path) -> dict[str, str]:
    paths = sorted(directory.iterdir())
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def test_town__same_seed_in_another_process_gives_the_same_bytes(tmp_path: Path):
    for name, hash_seed in (("one", "1"), ("two", "77")):
        code = (
            "from pathlib import Path; from cim_import.generating import generate_town; "
            f"generate_town(Path({str(tmp_path / name)!r}), meters=150, seed=5, days=2)"
        )
        environment = os.environ | {"PYTHONHASHSEED": hash_seed}
        subprocess.run([sys.executable, "-c", code], check=True, env=environment)
    assert digests(tmp_path / "one") == digests(tmp_path / "two")


def test_town__bytes_are_those_of_every_other_python_and_numpy(tmp_path: Path):
    generate_town(tmp_path, meters=40, seed=1, days=2)
    whole = hashlib.sha256("".join(digests(tmp_path).values()).encode()).hexdigest()
    assert whole[:16] == "c1b74c32739ba2af", "the town changed: if you meant it, put the new digest"


def test_town__another_seed_gives_another_town(tmp_path: Path):
    for seed in (1, 2):
        generate_town(tmp_path / str(seed), meters=30, seed=seed, days=1)
    one, two = digests(tmp_path / "1"), digests(tmp_path / "2")
    assert all(one[name] != two[name] for name in one)


def test_town__other_days_change_readings_and_events_alone(tmp_path: Path):
    for days in (0, 3):
        generate_town(tmp_path / str(days), meters=30, seed=1, days=days)
    none, three = digests(tmp_path / "0"), digests(tmp_path / "3")
    changed = {name for name in none if none[name] != three[name]}
    assert changed == {"readings.csv", "events.jsonl"}


def test_town__every_reference_resolves_and_no_id_is_defined_twice(town: Delivery):
    assert town.dangling() == []
    assert town.repeated == []
    assert all(thing.file for thing in town.things.values())


def test_town__counts_are_those_in_the_files(town: Delivery, summary: TownSummary):
    assert dict(town.counts()) == dict(summary.counts)
    for kind in ("Meter", "UsagePoint", "EnergyConsumer", "ComModule", "CustomerAgreement"):
        assert summary.counts[kind] == summary.meters
    assert town.things[summary.first_transformer].value("cim:IdentifiedObject.name") == "T-0001"


def test_town__every_class_and_link_is_in_the_tables(town: Delivery):
    kinds = {thing.kind.partition(":")[2] for thing in town.things.values()}
    links = {name.partition(":")[2] for t in town.things.values() for name, _ in t.references}
    assert [kind for kind in kinds if not tables.known_kind(kind)] == []
    assert [link for link in links if tables.link_row(link) is None] == []


def test_town__our_own_files_say_only_what_their_profiles_list(town: Delivery):
    strangers = {
        (file, kind, name)
        for file, kind, name in town.stated
        if file in PROFILE_OF and name not in properties_of(PROFILE_OF[file], kind)
    }
    assert strangers == set()


def test_town__headers_name_profiles_and_models_of_the_delivery(town: Delivery):
    ids = {header["id"][0] for header in town.headers.values()}
    assert len(ids) == len(town.headers) == 6
    for file, header in town.headers.items():
        assert set(header.get("Model.DependentOn", [])) <= ids
        assert PROFILE_OF.get(file, header["Model.profile"][0]) == header["Model.profile"][0]


def test_town__extension_is_used_only_where_cim_has_no_class(town: Delivery):
    extended = {t.kind.partition(":")[2] for t in town.things.values() if t.kind[:3] == "gs:"}
    assert extended == {"Cell", "DataPlan", "Gateway", "HeadEnd", "SimCard"}
    assert all(tables.versions_of(kind) == ("gs",) for kind in extended)
    assert NAMESPACES["gs"] == "https://gridstrata.org/ns/1#"


@pytest.mark.parametrize("meters", [1, 2, 3, 29, 111])
def test_town__small_ones_are_whole_too(tmp_path: Path, meters: int):
    summary = generate_town(tmp_path, meters=meters, seed=3, days=1)
    assert summary.counts["Meter"] == meters
    assert summary.first_transformer


@pytest.mark.parametrize(("meters", "days"), [(0, 1), (-5, 1), (10, -1), (10, 10**6)])
def test_town__numbers_out_of_range_are_an_error_and_leave_no_folder(
    tmp_path: Path, meters: int, days: int
):
    with pytest.raises(InvalidCall) as error:
        generate_town(tmp_path / "new", meters=meters, seed=1, days=days)
    assert error.value.hint
    assert not (tmp_path / "new").exists()


def test_town__folder_with_other_files_is_left_alone(tmp_path: Path):
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(UnreadableInput, match=r"letter\.txt"):
        generate_town(tmp_path, meters=5, seed=1, days=1)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_town__folder_that_is_a_file_is_an_error(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UnreadableInput):
        generate_town(tmp_path / "file", meters=5, seed=1, days=1)


def test_town__earlier_town_is_written_over(tmp_path: Path):
    generate_town(tmp_path, meters=5, seed=1, days=1)
    before = digests(tmp_path)
    generate_town(tmp_path, meters=5, seed=2, days=1)
    assert before.keys() == digests(tmp_path).keys()


def test_town__failure_half_way_leaves_no_file(tmp_path: Path):
    def stop(_what: str, done: int, _total: int) -> None:
        if done > 100:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        generate_town(tmp_path, meters=400, seed=1, days=1, progress=stop)
    assert list(tmp_path.iterdir()) == []


def test_town__progress_ends_at_all_meters(tmp_path: Path):
    told: list[tuple[int, int]] = []
    generate_town(
        tmp_path,
        meters=230,
        seed=1,
        days=0,
        progress=lambda _, done, all_: told.append((done, all_)),
    )
    assert told == sorted(told)
    assert told[-1] == (230, 230)
