"""Links lead somewhere, commands exist, and nothing tells about the machine it was written on."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.docs.examples import ROOT, pages

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"(?m)^#+ (.+)$")
PACKAGE_HOSTS = ("pypi" + ".org", "pythonhosted" + ".org", "registry.npmjs" + ".org")
MACHINE = re.compile(r"(?<![\w.])/(?:work|root)/\w|(?<![\w.])/tmp/\w+/|/home/(?!you\b)\w+/")


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.stem)
def test_link__between_pages__leads_to_a_file_and_a_heading(page):
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        if not re.match(r"[a-z]+:", target):
            path, _, anchor = target.partition("#")
            file = (page.parent / path).resolve() if path else page
            assert file.exists(), f"{page.name} links to {target}"
            assert not anchor or anchor in _anchors(file), f"{page.name} links to {target}"


def test_index__names_every_page():
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    linked = {(ROOT / "docs" / target).resolve() for target in LINK.findall(index)}
    apart = {ROOT / "README.md", ROOT / "docs" / "README.md"}
    decisions = ROOT / "docs" / "decisions"
    missing = [p for p in pages() if p not in linked | apart and p.parent != decisions]
    assert missing == []


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "docs/tutorial/first-network.md"])
def test_make_command__in_the_text__is_a_target(name):
    targets = re.findall(r"(?m)^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"))
    text = (ROOT / name).read_text(encoding="utf-8")
    told = re.findall(r"(?m)(?:^|`|\$ )make ([a-z]+)", text)
    assert told
    assert set(told) <= set(targets)


def test_tracked_files__name_no_package_host_and_no_path_of_a_machine():
    told = []
    for name in _tracked():
        if not re.search(r"\.(svg|png|ico|lock)$", name):
            text = (ROOT / name).read_text(encoding="utf-8", errors="replace")
            told += [f"{name}: {host}" for host in PACKAGE_HOSTS if host in text]
            told += [f"{name}: {found}" for found in MACHINE.findall(text)]
    assert told == []


def _tracked() -> list[str]:
    """The files of the repository that are in the working tree."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    return [name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def _anchors(file: object) -> set[str]:
    """Anchors as GitHub makes them from headings."""
    headings = HEADING.findall(file.read_text(encoding="utf-8"))  # type: ignore[attr-defined]
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
