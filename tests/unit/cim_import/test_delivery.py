from __future__ import annotations

import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

import pytest

from cim_import.delivery import Delivery
from cim_import.limits import CHUNK_BYTES, Limits
from graph_service.domain.errors import UnreadableInput


def zipped(members: Mapping[str, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def put(folder: Path, files: Mapping[str, bytes]) -> Path:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def contents(*paths: Path, limits: Limits | None = None) -> dict[str, bytes]:
    found = {}
    for member in Delivery(paths, limits).members():
        with member.opener() as stream:
            pieces = iter(lambda: stream.read(CHUNK_BYTES), b"")
            found[member.name] = b"".join(pieces)
    return found


def refused(*paths: Path, limits: Limits | None = None) -> str:
    with pytest.raises(UnreadableInput) as caught:
        contents(*paths, limits=limits)
    assert caught.value.hint
    return caught.value.message


def test_members__folder__are_named_by_their_path_in_it(tmp_path: Path) -> None:
    put(tmp_path, {"b/c/EQ.xml": b"1", "a.xml": b"2", "z.xml": b"3"})
    assert contents(tmp_path) == {"a.xml": b"2", "z.xml": b"3", "b/c/EQ.xml": b"1"}


def test_members__zip_of_zips__are_named_as_if_unpacked_to_folders(tmp_path: Path) -> None:
    inner = zipped({"EQ.xml": b"1"})
    put(tmp_path, {"d/grid.zip": zipped({"in.zip": inner, "x/TP.xml": b"2", "x/": b""})})
    expected = {"d/grid.zip/in.zip/EQ.xml": b"1", "d/grid.zip/x/TP.xml": b"2"}
    assert contents(tmp_path) == expected


def test_members__zip_with_another_ending__is_known_by_its_content(tmp_path: Path) -> None:
    put(tmp_path, {"grid.dat": zipped({"EQ.xml": b"1"}), "not.zip": b"<a/>"})
    assert contents(tmp_path) == {"grid.dat/EQ.xml": b"1", "not.zip": b"<a/>"}


def test_members__two_paths_with_the_same_names__get_the_folder_before_them(tmp_path: Path) -> None:
    put(tmp_path, {"a/EQ.xml": b"1", "b/EQ.xml": b"2", "c.xml": b"3"})
    given = [tmp_path / "a" / "EQ.xml", tmp_path / "b" / "EQ.xml", tmp_path / "c.xml"]
    assert contents(*given) == {"a/EQ.xml": b"1", "b/EQ.xml": b"2", "c.xml": b"3"}
    assert contents(tmp_path / "a", tmp_path / "b") == {"a/EQ.xml": b"1", "b/EQ.xml": b"2"}


def test_members__same_names_in_folders_of_the_same_name__go_up_until_they_differ(
    tmp_path: Path,
) -> None:
    put(tmp_path, {"1/x/EQ.xml": b"1", "2/x/EQ.xml": b"2"})
    given = [tmp_path / "1/x/EQ.xml", tmp_path / "2/x/EQ.xml"]
    assert contents(*given) == {"1/x/EQ.xml": b"1", "2/x/EQ.xml": b"2"}


def test_members__same_path_twice__is_taken_once(tmp_path: Path) -> None:
    put(tmp_path, {"EQ.xml": b"1"})
    assert contents(tmp_path / "EQ.xml", tmp_path / "." / "EQ.xml") == {"EQ.xml": b"1"}


def test_members__name_twice_in_a_zip__both_are_given(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("EQ.xml", b"1")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("EQ.xml", b"2")
    assert contents(path) == {"a.zip/EQ.xml": b"1", "a.zip/EQ.xml (2)": b"2"}


def test_members__disk_bytes__add_up_to_those_of_the_delivery(tmp_path: Path) -> None:
    put(tmp_path, {"a.xml": b"x" * 100, "b.zip": zipped({"c": b"y" * 999, "d": b"z" * 99})})
    delivery = Delivery([tmp_path])
    total = sum(member.disk_bytes for member in delivery.members())
    assert delivery.disk_bytes - 2 <= total <= delivery.disk_bytes


@pytest.mark.parametrize(
    ("paths", "name"),
    [
        (["Grid 1/EQ.xml"], "EQ"),
        (["Grid 1"], "Grid-1"),
        (["Grid 1/a.zip"], "a"),
        (["Grid 1/EQ.xml", "Grid 1/a.zip"], "Grid-1"),
    ],
)
def test_name__from_what_was_given__can_name_a_model_set(
    tmp_path: Path, paths: list[str], name: str
) -> None:
    put(tmp_path, {"Grid 1/EQ.xml": b"1", "Grid 1/a.zip": b"2"})
    assert Delivery([tmp_path / path for path in paths]).name == name


@pytest.mark.parametrize(
    "name", ["../out.xml", "a/../../out.xml", "/etc/out.xml", "C:/out.xml", "..\\out.xml"]
)
def test_members__path_outside_the_zip__is_refused(tmp_path: Path, name: str) -> None:
    put(tmp_path, {"a.zip": zipped({name: b"1"})})
    assert "outside" in refused(tmp_path)


def test_members__zip_bomb__is_refused_by_its_ratio(tmp_path: Path) -> None:
    put(tmp_path, {"a.zip": zipped({"EQ.xml": bytes(20_000_000)})})
    assert "200 times its packed size" in refused(tmp_path)


@pytest.mark.parametrize(
    ("limits", "why"),
    [
        (Limits(members=1), "more than 1 files"),
        (Limits(member_bytes=50), "more than 50 bytes in one file"),
        (Limits(total_bytes=150), "more than 150 bytes in all"),
        (Limits(nesting=1), "nested deeper than 1"),
    ],
)
def test_members__beyond_a_limit__is_refused(tmp_path: Path, limits: Limits, why: str) -> None:
    members = {"a": bytes(100), "b": bytes(100), "c": zipped({"d": b""})}
    put(tmp_path, {"a.zip": zipped(members)})
    assert why in refused(tmp_path, limits=limits)


def test_members__zips_four_deep__are_refused(tmp_path: Path) -> None:
    data = b"<a/>"
    for _ in range(4):
        data = zipped({"in.zip": data})
    put(tmp_path, {"out.zip": data})
    assert "nested deeper than 3" in refused(tmp_path)


def test_members__truncated_zip__is_refused(tmp_path: Path) -> None:
    put(tmp_path, {"a.zip": zipped({"EQ.xml": b"1" * 5000})[:-30]})
    assert "cannot be unpacked" in refused(tmp_path)


def test_members__damaged_member__is_refused(tmp_path: Path) -> None:
    data = bytearray(zipped({"EQ.xml": bytes(range(256)) * 40}))
    data[60:70] = bytes(10)
    put(tmp_path, {"a.zip": bytes(data)})
    assert "cannot be unpacked" in refused(tmp_path)


def test_delivery__missing_path__is_refused_by_name(tmp_path: Path) -> None:
    assert "no file or folder" in refused(tmp_path / "nothing")
