"""An overlay gives any imported model communication, customers and owners."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cim_import.exchange import CimExchange
from cim_import.generating import TownSummary, generate_overlay, generate_town
from cim_import.profiles import COMMUNICATION, OWNERSHIP, properties_of
from graph_service.adapters.sqlite.graph.store import SqliteGraph
from graph_service.domain import tables
from graph_service.domain.access import EVERYTHING
from graph_service.domain.errors import InvalidCall, UnknownModelSet, UnreadableInput
from graph_service.domain.filters import ElementFilter, PageRequest
from graph_service.domain.findings import Severity
from tests.deliveries import Delivery, read_delivery
from tests.models import model, needs_models

MODEL = "grid"
Made = tuple[SqliteGraph, Path]


@pytest.fixture(scope="module")
def physical(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A town without customers, communication and owners."""
    folder: Path = tmp_path_factory.mktemp("physical")
    generate_town(folder, meters=130, seed=4, days=0)
    for path in folder.iterdir():
        if path.name not in ("town_EQ.xml", "town_SSH.xml"):
            path.unlink()
    return folder


@pytest.fixture(scope="module")
def made(physical: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    """The store with model and overlay, and the folder of the overlay."""
    folder = tmp_path_factory.mktemp("made")
    store = SqliteGraph(folder / "data")
    CimExchange().take([physical], store, into=MODEL)
    generate_overlay(store, MODEL, folder / "overlay", seed=1)
    CimExchange().take([folder / "overlay"], store, into=MODEL)
    yield store, folder / "overlay"
    store.close()


@pytest.fixture
def imported(tmp_path: Path) -> Iterator[Callable[..., SqliteGraph]]:
    """Imports paths, one after the other, into a new store."""
    stores: list[SqliteGraph] = []

    def take(*paths: Path) -> SqliteGraph:
        stores.append(SqliteGraph(tmp_path / f"data{len(stores)}"))
        for path in paths:
            CimExchange().take([path], stores[-1], into=MODEL)
        return stores[-1]

    yield take
    for store in stores:
        store.close()


def numbers_of(store: SqliteGraph, kind: str) -> list[int]:
    wanted, found, page = ElementFilter(kinds=tables.subclasses(kind)), [], PageRequest(500)
    while True:
        answer = store.find(wanted, page, EVERYTHING)
        found += [element.number for element in answer.elements]
        if not answer.has_next:
            return found
        page = PageRequest(500, answer.end)


def texts(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


def whole(physical: Path, overlay: Path) -> Delivery:
    both = read_delivery(physical)
    added = read_delivery(overlay)
    both.things.update(added.things)
    both.stated = added.stated
    return both


def test_overlay__every_reference_leads_into_the_model_or_itself(physical: Path, made: Made):
    assert whole(physical, made[1]).dangling() == []


def test_overlay__every_consumer_gets_customer_meter_and_module(physical: Path, made: Made):
    delivery = whole(physical, made[1])
    for kind in ("cim:UsagePoint", "cim:Meter", "cim:ComModule", "cim:CustomerAgreement"):
        assert len(delivery.of(kind)) == 130
    supplied = [c for t in delivery.of("cim:UsagePoint") for c in t.to("cim:UsagePoint.Equipments")]
    assert set(supplied) == {consumer.mrid for consumer in delivery.of("cim:EnergyConsumer")}


def test_overlay__every_module_has_one_way_to_the_head_end(physical: Path, made: Made):
    delivery = whole(physical, made[1])
    carded = [m for c in delivery.of("gs:SimCard") for m in c.to("gs:SimCard.ComModule")]
    ways = [
        len(module.to("gs:ComModule.Gateway")) + carded.count(module.mrid)
        for module in delivery.of("cim:ComModule")
    ]
    assert set(ways) == {1}


def test_overlay__says_only_what_its_profiles_list(physical: Path, made: Made):
    allowed = {"CO": COMMUNICATION, "CU": OWNERSHIP, "OW": OWNERSHIP}
    for file, kind, name in whole(physical, made[1]).stated:
        assert name in properties_of(allowed[file[-6:-4]], kind)


def test_overlay__imported_gives_no_warning_and_everything_an_owner(
    physical: Path, tmp_path: Path, imported: Callable[..., SqliteGraph]
):
    store = imported(physical)
    generate_overlay(store, MODEL, tmp_path / "overlay", seed=1)
    report = CimExchange().take([tmp_path / "overlay"], store, into=MODEL)
    assert [f for f in report.findings if f.severity is not Severity.INFO] == []
    assert not store.pending(MODEL)
    for kind in ("ConductingEquipment", "UsagePoint", "Meter", "ComModule", "HeadEnd"):
        assert all(store.owners_of(numbers_of(store, kind)))


def test_overlay__does_not_depend_on_how_the_model_came_in(
    physical: Path, tmp_path: Path, imported: Callable[..., SqliteGraph]
):
    together = imported(physical)
    apart = imported(physical / "town_SSH.xml", physical / "town_EQ.xml")
    for name, store in (("one", together), ("two", apart)):
        generate_overlay(store, MODEL, tmp_path / name, seed=9)
    assert texts(tmp_path / "one") == texts(tmp_path / "two")


def test_overlay__another_seed_gives_another_overlay(
    physical: Path, tmp_path: Path, imported: Callable[..., SqliteGraph]
):
    store = imported(physical)
    for seed in (1, 2):
        generate_overlay(store, MODEL, tmp_path / str(seed), seed=seed)
    assert texts(tmp_path / "1") != texts(tmp_path / "2")


def test_overlay__names_the_equipment_model_it_depends_on(physical: Path, made: Made):
    (equipment,) = read_delivery(physical).headers["town_EQ.xml"]["id"]
    for header in read_delivery(made[1]).headers.values():
        assert equipment in header["Model.DependentOn"]


def test_overlay__second_one_is_refused(made: Made, tmp_path: Path):
    with pytest.raises(InvalidCall, match="already"):
        generate_overlay(made[0], MODEL, tmp_path / "again", seed=1)
    assert not (tmp_path / "again").exists()


def test_overlay__unknown_model_set_is_an_error_that_names_the_known(made: Made, tmp_path: Path):
    with pytest.raises(UnknownModelSet) as error:
        generate_overlay(made[0], "nowhere", tmp_path / "new", seed=1)
    assert MODEL in str(error.value.hint)


def test_overlay__folder_with_other_files_is_left_alone(
    physical: Path, summary: TownSummary, imported: Callable[..., SqliteGraph]
):
    before = texts(summary.directory)
    with pytest.raises(UnreadableInput):
        generate_overlay(imported(physical), MODEL, summary.directory, seed=1)
    assert texts(summary.directory) == before


def test_overlay__names_with_special_characters_are_written_safely(
    tmp_path: Path, imported: Callable[..., SqliteGraph]
):
    (tmp_path / "odd.xml").write_text(
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns:cim="http://iec.ch/TC57/CIM100#"><cim:EnergyConsumer rdf:about="#__a&amp;&lt;1">'
        '<cim:IdentifiedObject.name>Fish &amp; Chips &lt;Ltd&gt; "7"</cim:IdentifiedObject.name>'
        "</cim:EnergyConsumer></rdf:RDF>"
    )
    store = imported(tmp_path / "odd.xml")
    generate_overlay(store, MODEL, tmp_path / "overlay", seed=1)
    CimExchange().take([tmp_path / "overlay"], store, into=MODEL)
    ((point,),) = (store.elements(numbers_of(store, "UsagePoint"), EVERYTHING),)
    assert point is not None
    assert point.name == 'Fish & Chips <Ltd> "7"'
    assert not store.pending(MODEL)


@needs_models
@pytest.mark.parametrize(
    ("name", "owners"),
    [
        ("gridappsd_ieee13", {"Small Grid"}),
        ("gridappsd_ieee123", set()),
        ("gridappsd_enddevices_usagepoints", {"grid Grid"}),
        ("cgmes2_microgrid_bc_assembled", {"elia.be Grid", "tennet.nl Grid"}),
        ("cgmes2_smallgrid_bb", set()),
        ("telemark120", set()),
    ],
)
def test_overlay__real_models_are_covered_whole(
    name: str, owners: set[str], tmp_path: Path, imported: Callable[..., SqliteGraph]
):
    store = imported(model(name))
    before = store.pending(MODEL)
    generate_overlay(store, MODEL, tmp_path / "overlay", seed=1)
    CimExchange().take([tmp_path / "overlay"], store, into=MODEL)
    assert store.pending(MODEL) == before
    for kind in ("ConductingEquipment", "UsagePoint", "EndDevice", "ComModule"):
        assert all(store.owners_of(numbers_of(store, kind)))
    assert len(numbers_of(store, "ComModule")) > len(numbers_of(store, "EndDevice")) > 0
    names = {e.name for e in store.elements(numbers_of(store, "Organisation"), EVERYTHING) if e}
    assert owners <= names
