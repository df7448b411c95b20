"""Every command and query of the documentation, run in order (see examples.py)."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.docs import examples

PAGES = [page for page in examples.pages() if any(b.is_run for b in examples.blocks(page))]


@pytest.fixture(scope="session")
def starts(tmp_path_factory):
    """Folders as pages want them, made once."""
    made: dict[str, Path] = {}

    def start(name: str) -> Path:
        if name not in made:
            made[name] = tmp_path_factory.mktemp(name)
            examples.make_start(name, made[name])
        return made[name]

    return start


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_page__run_from_top_to_bottom__prints_what_it_shows(page, starts, tmp_path):
    folder = tmp_path / "folder"
    shutil.copytree(starts(examples.start_of(page)), folder)
    runner = examples.Runner(folder)
    try:
        for printed in runner.run(page):
            assert examples.agrees(printed), (
                f"{page.name}, block in line {printed.block.line}: {printed.example}\n"
                f"--- printed\n{printed.expected}--- found\n{printed.found}"
            )
    finally:
        runner.close()


@pytest.mark.parametrize("page", examples.pages(), ids=lambda page: page.stem)
def test_page__with_commands_in_other_blocks__says_why_they_are_not_run(page):
    shell = [b for b in examples.blocks(page) if b.language in ("sh", "bash", "shell")]
    assert all(block.reason for block in shell), "use ```console, or say why it is not run"


def test_agreement__a_left_out_line_or_member__is_allowed_and_a_wrong_one_is_not():
    block = examples.Block("console", "", "", 1)
    text = examples.Printed(block, "", "one\n...\nfour\n", "one\ntwo\nthree\nfour\n")
    assert examples.agrees(text)
    text.found = "one\ntwo\nthree\n"
    assert not examples.agrees(text)
    answer = examples.Block("json", "answer", "", 1)
    assert examples.agrees(examples.Printed(answer, "", '{"a": [1, "..."]}', '{"a": [1, 2]}'))
    assert not examples.agrees(examples.Printed(answer, "", '{"a": [1]}', '{"a": [1, 2]}'))
