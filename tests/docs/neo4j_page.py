"""Asks what docs/reference/neo4j.md asks in Cypher, and lays the answers out as it shows them.

`GRIDSTRATA_TEST_GRAPH=… python -m tests.docs.neo4j_page` writes the answers into the page.
"""

from __future__ import annotations

import re
import tempfile
from contextlib import closing
from pathlib import Path
from textwrap import indent

from neo4j import Driver, GraphDatabase

from cim_import.exchange import CimExchange
from graph_service.adapters.neo4j.cypher import schema
from graph_service.adapters.neo4j.driver import Neo4jAddress
from graph_service.adapters.neo4j.graph import Neo4jGraph
from tests.docs.examples import ROOT, make_start
from tests.docs.printing import code, table
from tests.servers.neo4j_emptied import emptied

PAGE = ROOT / "docs" / "reference" / "neo4j.md"
QUESTION = re.compile(r"(?m)^( +)```cypher\n((?:(?! *```).*\n)+) +```\n(?:\n((?: +\|.*\n)+))?")
SCHEMA = re.compile(r"<!-- printed: schema -->\n(?:\n(?:\|.*\n)+)?")


def import_town(folder: Path) -> Neo4jAddress:
    """A small town in an emptied database."""
    make_start("town", folder)
    address = emptied(folder / "neo4j")
    with closing(Neo4jGraph(address)) as graph:
        CimExchange().take([folder / "town"], graph, into="town", author="anna")
    return address


def answered(text: str, address: Neo4jAddress) -> str:
    """The page with the answers that the database gives now."""
    with driver(address) as asked:

        def answer(found: re.Match[str]) -> str:
            space, query = found[1], found[2]
            block = f"{space}```cypher\n{query}{space}```"
            return f"{block}\n\n{indent(_table(asked, query), space)}"

        text = QUESTION.sub(answer, text)
    return SCHEMA.sub(f"<!-- printed: schema -->\n\n{_schema()}", text)


def driver(address: Neo4jAddress) -> Driver:
    """The driver as anybody would use it."""
    return GraphDatabase.driver(address.uri, auth=(address.user, address.password))


def _table(asked: Driver, query: str) -> str:
    found = asked.execute_query(query, database_="neo4j")  # type: ignore[arg-type]
    return table(found.keys, [list(map(_shown, record.values())) for record in found.records])


def _shown(value: object) -> object:
    return ", ".join(sorted(map(str, value))) if isinstance(value, list) else value


def _schema() -> str:
    rows = []
    for statement in (*schema.GRAPH, *schema.RECORDS):
        what, name = re.findall(r"CREATE (\w+) (\w+)", statement)[0]
        label = re.findall(r"FOR \(\w:(\w+)\)", statement)[0]
        properties = ", ".join(code(one) for one in re.findall(r"\w\.(\w+)", statement))
        kind = "unique" if what == "CONSTRAINT" else "index"
        rows.append((code(name), code(label), properties, kind))
    return table(("Name", "Label", "Properties", "Is"), rows)


def main() -> None:
    """Write the answers into the page."""
    with tempfile.TemporaryDirectory() as folder:
        address = import_town(Path(folder))
        text = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(answered(text, address), encoding="utf-8")


if __name__ == "__main__":
    main()
