"""Prints docs/reference/kinds.md from the tables: `python tests/docs/print_kinds.py`."""

from collections.abc import Iterable, Iterator

from graph_service.domain import tables

HEAD = """\
# Kinds, links, quantities

Printed from `graph_service/domain/kinds.csv` and `classes.csv` by `tests/docs/print_kinds.py`;
change the tables, not this page.
"""

CLASSES = """\
## Where the class table comes from

`classes.csv` has {count} classes. It holds facts only, the name of each class and of its
superclass, read from the class definitions of two open source packages:

- [CIM-Graph](https://github.com/PNNL-CIM-Tools/CIM-Graph) 0.5.0a12: its data profiles of CIM16,
  CIM17 (CIM100) and the drafts of CIM18, of CGMES 3.0 and of GridAPPS-D.
- [cimpy](https://github.com/sogno-platform/cimpy) 1.1.0: CGMES 2.4.15, which is CIM16.

A few classes were added by hand: the winding of CIM14 (`CIM14`), classes of the European network
code profiles (`NC`), and our own (`gs`, namespace `https://gridstrata.org/ns/1#`).

Where versions disagree about the superclass, CIM17 decides; where CIM17 lacks the class, CIM16,
then CIM18. Data types, enumerations and the headers of files are not in the table. A class that
is not in the table is imported all the same; it has no superclasses, no layer and no role.
"""

KINDS = """\
## Kinds

A kind has the layer, the role and the source rank of the nearest class upwards that has one. The
source rank tells what feeds a layer: 1 is the first choice.
"""

LINKS = """\
## Links

A link leads from the element that it is written in, its source, to the one that it names, its
target. The inverse name is understood too, with the ends turned.

- *Walked*: `conducts` both ways, through equipment and nodes. `serves` and `towards` name the
  end that is nearer to the supply, the head end or the owning organisation. Links with nothing
  here are never walked by a trace.
- *Owner from*: the end that hands its owner to the other end, where that states none itself.
"""

QUANTITIES = "## Quantities\n\nWhat a series can be of.\n"

EVENTS = """\
## Events

What a timeline can hold beside readings and forecasts. A kind that *lasts* goes on until its end is
known; the others without an end are of an instant.
"""

PROPERTIES = """\
## Properties

The SI unit of the quantity. Files may use others: CGMES has kV, MW and km where the files of
GridAPPS-D have V, W and m.
"""


def main() -> None:
    """Print the page."""
    print(page(), end="")


def page() -> str:
    """The whole page as Markdown."""
    classes = CLASSES.format(count=len(tables.kind_names()))
    parts = [HEAD, KINDS, kinds(), LINKS, links(), QUANTITIES, quantities(), EVENTS]
    return "\n".join([*parts, events(), PROPERTIES, properties(), classes])


def events() -> str:
    """The table of events."""
    cells = (
        (code(row.name), "yes" if row.lasts else "", row.meaning) for row in tables.event_kinds()
    )
    return table(("Kind", "Lasts", "Meaning"), cells)


def kinds() -> str:
    """The table of kinds."""
    head = ("Kind", "Is a", "Layer", "Role", "Source rank", "Versions", "Meaning")
    return table(head, (kind_cells(row) for row in tables.kind_rows()))


def kind_cells(row: tables.KindRow) -> tuple[str, ...]:
    """One line of the table of kinds, with what the kind inherits."""
    layer = tables.layer_of(row.name)
    return (
        code(row.name),
        code(next(iter(tables.superclasses(row.name)), "")),
        layer.value if layer else "",
        tables.role_of(row.name),
        str(tables.source_rank(row.name) or ""),
        ", ".join(tables.versions_of(row.name)),
        row.meaning,
    )


def links() -> str:
    """The table of links."""
    head = ("Link", "Inverse", "Layer", "Walked", "Owner from", "Meaning")
    return table(head, (link_cells(row) for row in tables.link_rows()))


def link_cells(row: tables.LinkRow) -> tuple[str, ...]:
    """One line of the table of links."""
    return (
        code(row.name),
        code(row.inverse),
        row.layer.value if row.layer else "",
        row.role.replace(":", ", "),
        row.inherits,
        row.meaning,
    )


def quantities() -> str:
    """The table of quantities."""
    rows = ((code(r.name), r.unit, r.role, r.meaning) for r in tables.quantities())
    return table(("Quantity", "Unit", "Role", "Meaning"), rows)


def properties() -> str:
    """The table of properties."""
    rows = ((code(r.name), r.unit, r.meaning) for r in tables.properties())
    return table(("Property", "Unit", "Meaning"), rows)


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A Markdown table."""
    return "".join(line(cells) for cells in with_rule(head, rows))


def with_rule(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """The head, the rule under it, the rows."""
    yield head
    yield tuple("---" for _ in head)
    yield from rows


def line(cells: tuple[str, ...]) -> str:
    """One line of a Markdown table."""
    return "| " + " | ".join(cells) + " |\n"


def code(name: str) -> str:
    """A name as code; nothing for no name."""
    return f"`{name}`" if name else ""


if __name__ == "__main__":
    main()
