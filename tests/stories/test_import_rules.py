"""What an importer owes real CIM files, one test a rule; R1 to R28 are the rules' numbers.

Rules that a published model shows are shown on it; the others on files written here.
"""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cim_import.exchange import CimExchange
from graph_service.adapters.sqlite.graph.store import SqliteGraph
from graph_service.domain.access import EVERYTHING
from graph_service.domain.elements import Element, ElementKey
from graph_service.domain.filters import ElementFilter
from graph_service.domain.statements import Statement
from graph_service.domain.tables import subclasses
from graph_service.ports.exchange import ImportReport
from tests import oracle
from tests.models import model
from tests.rdf import CIM, MD, rdf


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteGraph]:
    opened = SqliteGraph(tmp_path / "data")
    yield opened
    opened.close()


class Desk:
    """Where an integrator works: files here, a store behind."""

    def __init__(self, store: SqliteGraph, folder: Path):
        self.store, self.folder = store, folder

    def write(self, **files: bytes | str) -> list[Path]:
        paths = [self.folder / f"{name}.xml" for name in files]
        for path, body in zip(paths, files.values(), strict=True):
            path.write_bytes(body if isinstance(body, bytes) else rdf(body))
        return paths

    def take(self, *paths: Path, into: str = "town", **files: bytes | str) -> ImportReport:
        return CimExchange().take([*paths, *self.write(**files)], self.store, into=into)

    def element(self, mrid: str, model_set: str = "town") -> Element:
        ((found,),) = self.store.by_mrid([mrid], EVERYTHING, model_set)
        return found

    def links(self, mrid: str) -> list[tuple[str, str]]:
        """What an element refers to, as (link name, mRID)."""
        (found,) = self.store.neighbours([self.element(mrid).number], EVERYTHING)
        return [(n.link, n.element.mrid) for n in found if n.outgoing]

    def exported(self, name: str, model_set: str = "town") -> bytes:
        CimExchange().give(self.store, self.folder / "out", model_set=model_set)
        return (self.folder / "out" / name).read_bytes()


@pytest.fixture
def desk(store: SqliteGraph, tmp_path: Path) -> Desk:
    return Desk(store, tmp_path)


def messages(report: ImportReport, code: str) -> list[tuple[str, str]]:
    return [(found.subject, found.message) for found in report.findings if found.code == code]


NAMED = (
    "<cim:{kind} {by}><cim:IdentifiedObject.name>{name}</cim:IdentifiedObject.name></cim:{kind}>"
)


def named(kind: str, by: str, name: str) -> str:
    return NAMED.format(kind=kind, by=by, name=name)


# --- C1: identifiers -------------------------------------------------------------------------


def test_r1__identity_from_any_attribute_or_none__makes_elements(desk: Desk) -> None:
    spellings = ['rdf:ID="_a"', 'rdf:about="#_b"', 'rdf:about="urn:uuid:c"', 'rdf:nodeID="d"', ""]
    report = desk.take(EQ="".join(named("Fuse", by, by.strip('"')[-1:]) for by in spellings))
    assert report.kinds == {"Fuse": 5}
    assert [desk.element(mrid).name for mrid in "abcd"] == list("abcd")


def test_r1__same_id_after_normalising__is_the_same_element(desk: Desk) -> None:
    spellings = ["#_a", "#a", "urn:uuid:a", "urn:uuid:_a"]
    files = {f"f{n}": f'<cim:Fuse rdf:about="{by}"/>' for n, by in enumerate(spellings)}
    assert desk.take(**files, g='<cim:Fuse rdf:ID="_a"/>').kinds == {"Fuse": 1}


def test_r2__written_form_of_ids_and_references__comes_back(desk: Desk) -> None:
    line = '<cim:Fuse rdf:about="urn:uuid:_276809df"><cim:A.b rdf:resource="#x1"/></cim:Fuse>'
    desk.take(EQ=line)
    out = desk.exported("EQ.xml").decode()
    assert 'rdf:about="urn:uuid:_276809df"' in out
    assert 'rdf:resource="#x1"' in out
    assert desk.element("276809df").kind == "Fuse"


def test_r3__ids_that_are_no_uuids__are_kept_letter_for_letter(desk: Desk) -> None:
    ids = ["_14911_S", "_E-301", "PER101", "_BBE1AA1++BBE4AA1++1", "__two", "_a%20b"]
    report = desk.take(EQ="".join(f'<cim:Fuse rdf:ID="{i}"/>' for i in ids))
    found = [desk.element(i.removeprefix("_")).mrid for i in ids]
    assert found == ["14911_S", "E-301", "PER101", "BBE1AA1++BBE4AA1++1", "_two", "a%20b"]
    illegal = [subject for subject, _ in messages(report, "ILLEGAL_ID")]
    assert sorted(illegal) == ["BBE1AA1++BBE4AA1++1", "a%20b"]


def test_r4__case_of_uuids__is_kept_and_only_helps_a_dangling_reference(desk: Desk) -> None:
    both, one = "6b2e4d1a-0000-4000-8000-00000000000a", "6b2e4d1a-0000-4000-8000-00000000000b"
    within = '<cim:Equipment.EquipmentContainer rdf:resource="#_{}"/>'
    lines = "".join(f'<cim:Line rdf:ID="_{i}"/>' for i in (both, both.upper(), one.upper()))
    first = f'<cim:Fuse rdf:ID="_f">{within.format(both)}</cim:Fuse>'
    second = f'<cim:Fuse rdf:ID="_g">{within.format(one)}</cim:Fuse>'
    report = desk.take(EQ=lines + first + second)
    assert desk.links("f") == [("Equipment.EquipmentContainer", both)]
    assert desk.links("g") == [("Equipment.EquipmentContainer", one.upper())]
    assert report.finding_counts["CASE_DIFFERS"] == 1
    assert not report.pending


def test_r5__mrid_text__is_data_and_the_id_is_identity(desk: Desk) -> None:
    text = "<cim:IdentifiedObject.mRID>{}</cim:IdentifiedObject.mRID>"
    report = desk.take(EQ=f'<cim:Fuse rdf:ID="_a">{text.format("other")}</cim:Fuse>')
    assert desk.element("a").text("IdentifiedObject.mRID") == "other"
    assert messages(report, "MRID_DIFFERS") == [("a", "the text says 'other'")]


def test_r5__published_microgrid__reports_the_texts_that_really_differ(desk: Desk) -> None:
    folder = model("cgmes3_microgrid")
    report = desk.take(folder)
    stated = [fact for _, data in oracle.delivered(folder) for fact in oracle.facts(data)[0]]
    texts = [(s, value[1]) for _, s, name, value in stated if name == f"{CIM}IdentifiedObject.mRID"]
    differing = {s for s, text in texts if text.removeprefix("_").lower() != s.lower()}
    assert {subject for subject, _ in messages(report, "MRID_DIFFERS")} == differing
    assert len(differing) == 2


def test_r6__two_deliveries_with_the_same_ids__do_not_meet(desk: Desk) -> None:
    desk.take(EQ=named("Fuse", 'rdf:ID="_14911_S"', "north"), into="north")
    report = desk.take(EQ=named("Breaker", 'rdf:ID="_14911_S"', "south"), into="south")
    assert report.changes.added == 1
    assert desk.element("14911_S", "north").name == "north"
    assert desk.element("14911_S", "south").kind == "Breaker"


def test_r7__id_twice_in_a_file__is_one_element_and_a_finding(desk: Desk) -> None:
    report = desk.take(EQ='<cim:Fuse rdf:ID="_a"/>\n' + named("Fuse", 'rdf:ID="_a"', "F"))
    assert report.kinds == {"Fuse": 1}
    assert desk.element("a").name == "F"
    assert messages(report, "DUPLICATE_DEFINITION") == [("a", "defined in line 3 and once more")]


def test_r7__published_wecc240__repeats_889_ids(desk: Desk) -> None:
    report = desk.take(model("bes_wecc240_merged"))
    assert report.finding_counts["DUPLICATE_DEFINITION"] == 889


def test_r7__files_that_disagree__later_scenario_counts_and_both_are_kept(desk: Desk) -> None:
    header = (
        '<md:FullModel rdf:about="urn:uuid:{0}"><md:Model.scenarioTime>{1}</md:Model.scenarioTime>'
        "</md:FullModel>"
    )
    later = header.format("m1", "2026-02-01T00:00:00Z") + named("Fuse", 'rdf:ID="_a"', "new")
    earlier = header.format("m2", "2026-01-01T00:00:00Z") + named("Fuse", 'rdf:ID="_a"', "old")
    report = desk.take(a=later, b=earlier)
    assert desk.element("a").name == "new"
    assert report.finding_counts["CONFLICTING_VALUES"] == 1
    assert b">old<" in desk.exported("b.xml")


def test_r8__dangling_references__wait_and_link_when_the_file_comes(desk: Desk) -> None:
    within = '<cim:Equipment.EquipmentContainer rdf:resource="#_l"/>'
    report = desk.take(EQ=f'<cim:Fuse rdf:ID="_f">{within}</cim:Fuse>')
    assert report.pending == {"Equipment.EquipmentContainer": 1}
    assert desk.links("f") == []
    later = desk.take(BD='<cim:Line rdf:ID="_l"/>')
    assert not later.pending
    assert desk.links("f") == [("Equipment.EquipmentContainer", "l")]


@pytest.mark.parametrize(
    ("name", "count"), [("cgmes2_microgrid_bc_be", 47), ("cgmes3_svedala", 382)]
)
def test_r8__published_model_without_its_boundary__counts_what_waits(
    desk: Desk, name: str, count: int
) -> None:
    report = desk.take(model(name))
    stated = {f for _, d in oracle.delivered(model(name)) for f in oracle.facts(d)[0]}
    known = {subject for _, subject, _, _ in stated}
    waiting = [f for f in stated if f[3][0] == "ref" and f[3][1] not in known]
    assert report.pending == Counter(name.rpartition("#")[2] for _, _, name, _ in waiting)
    assert len(waiting) == count


def test_r9__several_elements_of_one_property__are_several_links(desk: Desk) -> None:
    nodes = "".join(f'<cim:TopologicalNode rdf:ID="_n{i}"/>' for i in range(3))
    listed = "".join(
        f'<cim:TopologicalIsland.TopologicalNodes rdf:resource="#_n{i}"/>' for i in range(3)
    )
    desk.take(SV=f'{nodes}<cim:TopologicalIsland rdf:ID="_i">{listed}</cim:TopologicalIsland>')
    assert {mrid for _, mrid in desk.links("i")} == {"n0", "n1", "n2"}


def test_r9__several_ids_in_one_attribute__are_several_links_and_the_text_stays(desk: Desk) -> None:
    nodes = "".join(f'<cim:TopologicalNode rdf:ID="_n{i}"/>' for i in range(3))
    written = 'rdf:resource="#_n0#_n1#_n2"'
    listed = f"<cim:TopologicalIsland.TopologicalNodes {written}/>"
    report = desk.take(
        SV=f'{nodes}<cim:TopologicalIsland rdf:ID="_i">{listed}</cim:TopologicalIsland>'
    )
    assert {mrid for _, mrid in desk.links("i")} == {"n0", "n1", "n2"}
    assert report.finding_counts["CONCATENATED_REFERENCE"] == 1
    assert written.encode() in desk.exported("SV.xml")


# --- C2: files, profiles, headers ------------------------------------------------------------


def test_r10__zip_of_zips_with_other_files__reports_what_was_passed_over(
    desk: Desk, tmp_path: Path
) -> None:
    with zipfile.ZipFile(tmp_path / "inner.zip", "w") as inner:
        inner.writestr("EQ.rdf", rdf('<cim:Fuse rdf:ID="_f"/>'))
        inner.writestr("readme.xml", "<html/>")
    with zipfile.ZipFile(tmp_path / "grid.dat", "w") as outer:
        outer.write(tmp_path / "inner.zip", "inner.zip")
        outer.writestr("picture.xml", b"\x89PNG")
    report = desk.take(tmp_path / "grid.dat")
    assert [file.name for file in report.files] == ["grid.dat/inner.zip/EQ.rdf"]
    assert report.skipped == ("grid.dat/inner.zip/readme.xml", "grid.dat/picture.xml")
    assert report.finding_counts["NOT_CIM"] == 2


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode(),
        lambda text: b"\xef\xbb\xbf" + text.split("\n", 1)[1].encode(),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.replace("UTF-8", "UTF-16").encode("utf-16"),
        lambda text: text.replace("UTF-8", "iso-8859-1").encode("latin-1"),
        lambda text: text.replace("UTF-8", "windows-1252").encode("cp1252"),
    ],
    ids=["utf-8", "mark-no-declaration", "crlf", "utf-16", "latin-1", "cp1252"],
)
def test_r11__any_encoding__gives_the_same_text_with_its_white_space(
    desk: Desk, encode: Callable[[str], bytes]
) -> None:
    desk.take(EQ=encode(rdf(named("Fuse", 'rdf:ID="_a"', " Zürich ")).decode()))
    assert desk.element("a").name == " Zürich "


@pytest.mark.parametrize(
    "space",
    [
        "http://iec.ch/TC57/2009/CIM-schema-cim14#",
        "http://iec.ch/TC57/2012/CIM-schema-cim16#",
        "http://iec.ch/TC57/2016/CIM-schema-cim17#",
        "http://ucaiug.org/61970cim18v02_61968cim14v00#",
        "https://cim.ucaiug.io/ns#",
    ],
)
def test_r12__name_space_of_any_cim_version__gives_the_kind_and_is_kept(
    desk: Desk, space: str
) -> None:
    body = rdf('<cim:Breaker rdf:ID="_a"/>', cim=space).replace(b"cim:", b"ns1:")
    desk.take(EQ=body.replace(b"xmlns:cim", b"xmlns:ns1"))
    assert desk.element("a").kind == "Breaker"
    ((_, part),) = desk.store.parts_of(ElementKey("town", "a"))
    assert part.types == (f"{space}Breaker",)
    assert f'xmlns:ns1="{space}"'.encode() in desk.exported("EQ.xml")


def test_r13__extensions_nobody_knows__survive_word_for_word(desk: Desk) -> None:
    spaces = 'xmlns:e="http://entsoe.eu/CIM/SchemaExtension/3/1#" '
    spaces += 'xmlns:dcat="http://www.w3.org/ns/dcat"'
    body = (
        '<e:Wizard rdf:ID="_a"><e:Wizard.spell>x</e:Wizard.spell><dcat:odd>y</dcat:odd>'
        f'<e:Wizard.kind rdf:resource="{CIM}LimitTypeKind.patl"/></e:Wizard>'
    )
    data = rdf(body, spaces)
    report = desk.take(EQ=data)
    assert report.kinds == {"Wizard": 1}
    assert messages(report, "UNKNOWN_CLASS")[0][0] == "Wizard"
    assert oracle.facts(desk.exported("EQ.xml")) == oracle.facts(data)


def test_r14__headers_of_all_forms__are_read_and_given_back(desk: Desk) -> None:
    for number, space in enumerate(
        [MD, MD.replace("/1#", "#"), "http://iec.ch/TC57/2009/schema/CIM_model_description#"]
    ):
        header = (
            '<md:FullModel rdf:about="urn:uuid:m"><md:Model.profile>p</md:Model.profile>'
            "<md:Model.modelingAuthoritySet>http://tso</md:Model.modelingAuthoritySet>"
            "</md:FullModel>"
        )
        name = f"f{number}"
        data = rdf(header + '<cim:Fuse rdf:ID="_a"/>').replace(MD.encode(), space.encode())
        (path,) = desk.write(**{name: data})
        desk.take(path, into=name)
        (document,) = desk.store.documents(name)
        assert (document.model_id, document.profiles) == ("m", ("p",))
        assert document.modeling_authority == "http://tso"
        assert desk.store.by_mrid(["m"], EVERYTHING, name) == [[]]


def test_r14__dataset_header_of_a_network_code_file__is_read(desk: Desk) -> None:
    desk.take(model("nc_er_excerpt"))
    (document,) = desk.store.documents("town")
    assert "https://ap.cim4.eu/EquipmentReliability/2.5" in document.profiles
    assert (document.version, document.scenario_time) == ("1.0.0", "2022-06-15T22:30:00Z")


def test_r14__no_header_at_all__is_said_and_the_profile_guessed(desk: Desk) -> None:
    report = desk.take(model("gridappsd_ieee13"))
    assert report.finding_counts["NO_HEADER"] == 1
    assert report.files[0].profiles == ("(CoreEquipment)",)


# --- C4: values ------------------------------------------------------------------------------


def test_r27__dates_with_and_without_zone_and_durations__stay_text(desk: Desk) -> None:
    texts = ["2026-01-01T00:00:00Z", "2026-01-01T00:00:00", "2026-01-01", "PT2H"]
    lines = "".join(f"<cim:A.when>{text}</cim:A.when>" for text in texts)
    desk.take(EQ=f'<cim:Fuse rdf:ID="_a">{lines}</cim:Fuse>')
    assert set(desk.element("a").properties["A.when"]) == set(texts)
    ((_, part),) = desk.store.parts_of(ElementKey("town", "a"))
    assert Statement(f"{CIM}A.when", "", "PT2H") in part.statements


def test_r28__question_for_a_superclass__finds_its_subclasses(desk: Desk) -> None:
    body = '<cim:Breaker rdf:ID="_a"/><cim:Fuse rdf:ID="_b"/><cim:Line rdf:ID="_c"/>'
    desk.take(EQ=body + '<cim:Wizard rdf:ID="_d"/>')
    wanted = ElementFilter(model_set="town", kinds=subclasses("ConductingEquipment"))
    assert desk.store.count_by_kind(wanted, EVERYTHING) == {"Breaker": 1, "Fuse": 1}
    assert subclasses("Wizard") == {"Wizard"}
