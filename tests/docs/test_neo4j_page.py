"""The questions that the page about Neo4j asks in Cypher have the answers it shows."""

from __future__ import annotations

import pytest

from tests.docs import neo4j_page


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    return neo4j_page.import_town(tmp_path_factory.mktemp("town"))


def test_page__asks_ten_questions_and_each_has_an_answer(town):
    text = neo4j_page.PAGE.read_text(encoding="utf-8")
    tables = [found[3] for found in neo4j_page.QUESTION.finditer(text)]
    assert len(tables) == 10
    assert all(table and table.count("\n") > 2 for table in tables)


def test_page__answers__are_what_the_database_says(town):
    text = neo4j_page.PAGE.read_text(encoding="utf-8")
    assert neo4j_page.answered(text, town) == text, (
        "docs/reference/neo4j.md is not up to date: python -m tests.docs.neo4j_page"
    )


def test_database__has_every_constraint_and_index_the_page_names(town):
    with neo4j_page.driver(town) as driver:
        rows = driver.execute_query("SHOW INDEXES YIELD name", database_="neo4j").records
    text = neo4j_page.PAGE.read_text(encoding="utf-8")
    assert {row["name"] for row in rows if f"`{row['name']}`" not in text} <= _given(rows)


def _given(rows):
    """Look-up indexes of labels and types, which every database has."""
    return {row["name"] for row in rows if row["name"].startswith("index_")}
