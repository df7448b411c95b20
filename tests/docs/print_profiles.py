"""Prints docs/reference/profiles.md from the tables: `python tests/docs/print_profiles.py`."""

from collections.abc import Iterator

from cim_import.profiles import COMMUNICATION, OWNERSHIP, ProfileRow, profile_rows

HEAD = """\
# Application profiles

Printed from `cim_import/profiles/*.csv` by `tests/docs/print_profiles.py`; change the tables, not
this page.

No published CIM profile carries communication, metering, owners and customers as RDF/XML: CGMES
has none of them, the messages of IEC 61968-9 are XSD. So GridStrata writes two small profiles of
its own. Classes and properties are those of CIM17 (`cim`, `http://iec.ch/TC57/CIM100#`) where CIM
has them; the rest is in the extension `gs`, `https://gridstrata.org/ns/1#`. Files carry an
md:FullModel header with the URI of their profile, and name the equipment model that they refer to
in `md:Model.DependentOn`.

The profiles say what GridStrata writes itself. The importer takes every class and property of
every name space, with or without them.

Where several ways would be open, these hold:

- A module is part of its meter (`Asset.AssetContainer`); `ComFunction` says how it talks.
- A module talks through at most one gateway at a time (`gs:ComModule.Gateway`), or has a SIM card
  (`gs:SimCard.ComModule`). A card is booked into one cell.
- A gateway names the location of its station, not the station as its power system resource: that
  would make the owner of the gateway an owner of the station.
- Only `AssetOwner` decides who sees an element. `AssetUser` operates, `Maintainer` maintains.
- A feeder or a station is owned with all in it that states no owner of its own. `Ownership` is
  written where an asset has several owners; shares are per cent, as CIM counts them, and add up
  to 100.
"""


def main() -> None:
    """Print the page."""
    print(page(), end="")


def page() -> str:
    """The whole page as Markdown."""
    parts = [HEAD]
    for title, uri in (("Communication/1", COMMUNICATION), ("Ownership/1", OWNERSHIP)):
        parts += [f"## {title}\n", f"`{uri}`\n", *sections(profile_rows(uri))]
    return "\n".join(parts)


def sections(rows: tuple[ProfileRow, ...]) -> Iterator[str]:
    """One heading a class, with the table of its properties where it has any."""
    for row in rows:
        if row.property:
            continue
        parent = f", a `{row.range}`" if row.range else ""
        yield f"### {row.kind}\n\n{row.meaning}{parent}.\n"
        own = [r for r in rows if r.kind == row.kind and r.property]
        if own:
            yield table(own)


def table(rows: list[ProfileRow]) -> str:
    """The properties of a class as a Markdown table."""
    lines = ["| Property | Range | How many | Meaning |", "| --- | --- | --- | --- |"]
    lines += [
        f"| `{row.property}` | {row.range} | {row.multiplicity} | {row.meaning} |" for row in rows
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
