"""What the audits do not ask: forms, tokens, names of hosts, headers, and bodies too large."""

from __future__ import annotations

import json
from typing import Any

import anyio
import httpx
import pytest

from graph_service.api.app import make_app
from graph_service.api.http import preferred
from graph_service.domain.access import Right
from tests.api.conftest import World

ASKED = {"query": "{ store { elementCount } }"}
RESPONSE = "application/graphql-response+json"
IMPORT = """mutation Take($files: [Upload!]!, $into: String, $wait: Boolean! = true) {
  import(files: $files, into: $into, wait: $wait) {
    id state modelSet revision objects files
    kinds { kind count } findingCounts { code count } } }"""


class Browser:
    """A client of an application in this process."""

    def __init__(self, world: World, **settings: Any) -> None:
        self.transport = httpx.ASGITransport(make_app(world.house, **settings))

    def send(self, method: str, path: str = "/graphql", **request: Any) -> httpx.Response:
        async def run() -> httpx.Response:
            address = request.pop("base", "http://127.0.0.1")
            async with httpx.AsyncClient(transport=self.transport, base_url=address) as client:
                return await client.request(method, path, **request)

        return anyio.run(run)

    def post(self, **request: Any) -> httpx.Response:
        return self.send("POST", **request)


@pytest.fixture
def browser(world: World) -> Browser:
    return Browser(world, is_open=True)


def form(query: str, variables: dict[str, Any], **files: tuple[str, bytes]) -> dict[str, Any]:
    """A GraphQL multipart request; files are named by their place, with _ for the dots."""
    places = {name: [name.replace("_", ".")] for name in files}
    operations = {"query": query, "variables": variables}
    data = {"operations": json.dumps(operations), "map": json.dumps(places)}
    return {"data": data, "files": files, "headers": {"graphql-preflight": "1"}}


def test_page__a_browser_gets_the_explorer_and_it_may_load_nothing_else(browser: Browser) -> None:
    page = browser.send("GET", headers={"accept": "text/html,*/*;q=0.8"})
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert "http://" not in page.text
    assert "https://" not in page.text


def test_get__a_browser_that_asks_a_query_gets_its_answer(browser: Browser) -> None:
    answer = browser.send("GET", params=ASKED, headers={"accept": "text/html,*/*;q=0.8"})
    assert answer.json() == {"data": {"store": {"elementCount": 0}}}


def test_get__changes_nothing(browser: Browser) -> None:
    answer = browser.send("GET", params={"query": "mutation { undo(revision: 1) { number } }"})
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("", "application/json"),
        (
            "application/graphql-response+json, application/json;q=0.9",
            RESPONSE,
        ),
        ("application/json, application/graphql-response+json", "application/json"),
        ("application/json;q=0.5, application/graphql-response+json", RESPONSE),
        ("text/plain", None),
        ("application/json;q=0", None),
        ("application/*;q=bad, */*", "application/json"),
    ],
)
def test_accept__the_preferred_media_type_of_ours_is_given(accept: str, media: str | None) -> None:
    assert preferred(accept) == media


def test_accept__what_cannot_be_given_is_refused(browser: Browser) -> None:
    assert browser.post(json=ASKED, headers={"accept": "image/png"}).status_code == 406


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"[]", "application/json", 400),
        (b"3", "application/json", 400),
        (b'{"query": "\xff"}', "application/json", 400),
        (b"{" * 5000, "application/json", 400),
        (b"{}", "application/json; charset=latin-1", 415),
        (b"query=x", "application/x-www-form-urlencoded", 415),
        (b" " * 1_000_001, "application/json", 413),
    ],
)
def test_body__what_is_no_request_is_refused_with_a_reason(
    browser: Browser, content: bytes, kind: str, status: int
) -> None:
    answer = browser.post(content=content, headers={"content-type": kind})
    assert answer.status_code == status
    assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


def test_operation__a_name_the_document_does_not_have_is_an_error(browser: Browser) -> None:
    answer = browser.post(json={"query": "query A { __typename }", "operationName": "B"})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNKNOWN_OPERATION"


def test_token__without_a_known_one_a_closed_server_answers_nothing(world: World) -> None:
    closed = Browser(world)
    for headers in ({}, {"authorization": "Bearer gs_wrong"}, {"authorization": "Basic eDp5"}):
        for request in (
            {"method": "POST", "json": ASKED},
            {"method": "GET", "path": "/graphql/examples"},
        ):
            answer = closed.send(**request, headers=headers)
            assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
            assert answer.json()["errors"][0]["extensions"]["code"] == "ACCESS_DENIED"
    assert closed.send("GET", headers={"accept": "text/html"}).status_code == 200
    assert closed.send("GET", "/health").json() == {"status": "ok"}


def test_token__shows_its_owners_elements_and_no_others(world: World) -> None:
    world.draw_owned()
    token = world.house.access.create("north", ["north"], [Right.READ])
    closed = Browser(world)
    answer = closed.post(json=ASKED, headers={"authorization": f"Bearer {token}"})
    seen = answer.json()["data"]["store"]["elementCount"]
    assert 0 < seen < world.data(ASKED["query"])["store"]["elementCount"]


def test_token__a_wrong_one_is_refused_by_an_open_server_too(browser: Browser) -> None:
    answer = browser.post(json=ASKED, headers={"authorization": "Bearer gs_wrong"})
    assert answer.status_code == 401


@pytest.mark.parametrize("host", ["http://evil.example", "http://127.0.0.1.evil.example:8000"])
def test_host__an_open_server_answers_under_no_foreign_name(browser: Browser, host: str) -> None:
    answer = browser.post(json=ASKED, base=host)
    assert answer.status_code == 421
    assert "data" not in answer.json()


@pytest.mark.parametrize("host", ["http://localhost:8000", "http://[::1]:8000", "http://127.0.0.1"])
def test_host__an_open_server_answers_under_the_names_of_loopback(
    browser: Browser, host: str
) -> None:
    assert browser.post(json=ASKED, base=host).status_code == 200


def test_import__files_come_as_a_form_and_land_as_a_model_set(
    browser: Browser, world: World
) -> None:
    sent = form(IMPORT, {"files": [None], "into": "small"}, variables_files_0=("EQ.xml", CIM_FILE))
    run = browser.post(**sent).json()["data"]["import"]
    assert (run["state"], run["modelSet"], run["objects"], run["files"]) == (
        "LANDED",
        "small",
        2,
        1,
    )
    assert {row["kind"] for row in run["kinds"]} == {"Breaker", "Terminal"}
    assert world.data('{ element(mRID: "B1") { name } }') == {"element": {"name": "Main"}}
    assert [path for path in world.folder.iterdir() if path.name.startswith("upload")] == []


def test_import__the_same_again_changes_nothing_and_says_so(browser: Browser, world: World) -> None:
    for state in ("LANDED", "UNCHANGED"):
        variables = {"files": [None], "into": "small"}
        sent = form(IMPORT, variables, variables_files_0=("EQ.xml", CIM_FILE))
        run = browser.post(**sent).json()["data"]["import"]
        assert (run["state"], run["revision"]) == (state, 1)


def test_import__what_cannot_be_read_is_an_error_and_a_failed_run(
    browser: Browser, world: World
) -> None:
    sent = form(IMPORT, {"files": [None]}, variables_files_0=("EQ.xml", b"<!DOCTYPE x><x/>"))
    error = browser.post(**sent).json()["errors"][0]
    assert error["extensions"]["code"] == "UNREADABLE_INPUT"
    [run] = world.data("{ importRuns { nodes { state error } } }")["importRuns"]["nodes"]
    assert run["state"] == "FAILED"
    assert run["error"]
    assert world.house.network.revision() == 0


def test_import__findings_can_be_paged_and_chosen_by_code(browser: Browser, world: World) -> None:
    sent = form(IMPORT, {"files": [None], "into": "small"}, variables_files_0=("EQ.xml", CIM_FILE))
    run = browser.post(**sent).json()["data"]["import"]
    [counted] = [row for row in run["findingCounts"] if row["code"] == "DANGLING_REFERENCE"]
    query = """query F($run: ID!) { importRun(id: $run) { findings(code: "DANGLING_REFERENCE") {
      totalCount nodes { code severity subject } pageInfo { hasNextPage } } } }"""
    found = world.data(query, {"run": run["id"]})["importRun"]["findings"]
    assert found["totalCount"] == counted["count"] == len(found["nodes"]) == 1


def test_import__a_foreign_page_cannot_send_a_form(browser: Browser) -> None:
    sent = form(IMPORT, {"files": [None]}, variables_files_0=("EQ.xml", CIM_FILE))
    assert browser.post(**sent | {"headers": {}}).status_code == 403


def test_import__an_upload_too_large_is_refused_while_it_comes(world: World) -> None:
    small = Browser(world, is_open=True, max_upload_bytes=1000)
    sent = form(IMPORT, {"files": [None]}, variables_files_0=("EQ.xml", b"x" * 2000))
    assert small.post(**sent).status_code == 413


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"operations": "{}", "map": "["},
        {"operations": "[]", "map": "{}"},
        {"operations": '{"query": "{ a }"}', "map": '{"f": ["variables.files.0"]}'},
        {"operations": '{"query": "{ a }"}', "map": '{"f": "variables"}'},
    ],
)
def test_import__a_form_that_is_no_request_is_refused(
    browser: Browser, data: dict[str, str]
) -> None:
    files = {"f": ("a.xml", b"x")}
    answer = browser.post(data=data, files=files, headers={"x-requested-with": "test"})
    assert answer.status_code == 400


def test_import__names_of_uploads_cannot_leave_their_folder(browser: Browser, world: World) -> None:
    name = "../../escaped.xml"
    sent = form(IMPORT, {"files": [None], "into": "small"}, variables_files_0=(name, CIM_FILE))
    browser.post(**sent)
    [document] = world.data('{ documents(modelSet: "small") { name } }')["documents"]
    assert document["name"] == "escaped.xml"


CIM_FILE = b"""<?xml version="1.0" encoding="UTF-8"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
         xmlns:cim="http://iec.ch/TC57/CIM100#">
  <cim:Breaker rdf:ID="_B1">
    <cim:IdentifiedObject.name>Main</cim:IdentifiedObject.name>
  </cim:Breaker>
  <cim:Terminal rdf:ID="_T1">
    <cim:Terminal.ConductingEquipment rdf:resource="#_B1"/>
    <cim:Terminal.ConnectivityNode rdf:resource="#_missing"/>
  </cim:Terminal>
</rdf:RDF>
"""
