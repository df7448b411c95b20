"""The explorer in a real browser: it runs a question, and asks no address but this server."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from graph_service.api.app import WEB, make_app
from tests.api.conftest import World, served

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # the browser's own errands
    "--virtual-time-budget=10000",
)
OURS = {
    "/graphql", "/graphql/examples", "/web/asking.js", "/web/charts.js", "/web/colours.js",
    "/web/editor.js", "/web/history.js", "/web/icon.svg", "/web/main.js", "/web/schema.js",
    "/web/style.css", "/web/tabs.js",
}  # fmt: skip


class Watching:
    """An application that remembers which paths were asked for."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.paths: set[str] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self.paths.add(scope["path"])
        await self._app(scope, receive, send)


@pytest.fixture
def chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        stop = pytest.fail if os.environ.get("CI") else pytest.skip
        stop("chromium is not installed")
    return found


def asked_by_page(log: Path, address: str) -> Iterator[str]:
    """The addresses that the page asked for, not the browser for itself."""
    for event in json.loads(log.read_text(encoding="utf-8"))["events"]:
        given = event.get("params", {})
        if "url" in given and given.get("initiator") == address:
            yield given["url"]


def opened(chromium: str, address: str, profile: Path) -> tuple[str, Path]:
    """The page as it stands after its first question, and the browser's log of the net."""
    log = profile / "net.json"
    done = subprocess.run(
        [chromium, *FLAGS, f"--user-data-dir={profile}", f"--log-net-log={log}",
         "--dump-dom", f"{address}/graphql#run"],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )  # fmt: skip
    return done.stdout, log


def test_explorer__runs_the_first_question_and_shows_its_answer(
    world: World, chromium: str, tmp_path: Path
) -> None:
    world.draw()
    watching = Watching(make_app(world.house, is_open=True))
    with served(watching) as address:
        page, log = opened(chromium, address, tmp_path / "profile")
    assert 'data-state="done"' in page
    shown = re.sub(r"<[^>]+>", "", page[page.index('id="answer"') :])
    assert '"totalCount"' in shown
    assert "M4" in shown
    assert re.search(r"connected; \d+ questions in \d+ types", page)
    assert watching.paths <= OURS
    assert {"/graphql", "/graphql/examples", "/web/main.js"} <= watching.paths
    asked = set(asked_by_page(log, address))
    assert asked
    assert {url for url in asked if not url.startswith(f"{address}/")} == set()


def test_explorer__its_files_name_no_address_and_hold_no_inline_code() -> None:
    for path in WEB.iterdir():
        text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"(?<!:)//[a-z]|https?://[a-z]", text.replace("// ", "")), path.name
    page = (WEB / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"\son\w+=|\sstyle=|<style|<script(?![^>]*src=)", page)


def test_explorer__every_field_and_button_has_a_name() -> None:
    page = (WEB / "index.html").read_text(encoding="utf-8")
    labelled = set(re.findall(r'<label[^>]* for="(\w+)"', page))
    for tag, attributes in re.findall(r"<(input|textarea)\s([^>]*)>", page):
        name = re.search(r'id="(\w+)"', attributes)
        assert name, tag
        assert name[1] in labelled or "aria-labelledby" in attributes, name[1]
