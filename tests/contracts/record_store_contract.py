"""The promises of `ports.record_store.RecordStore`, one test each; every adapter runs them all.

An adapter's test is a subclass of `RecordStoreContract` that supplies `make_store` alone.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from graph_service.ports.record_store import Record, RecordStore

RUNS: list[tuple[str, Record]] = [
    ("2026-01/a", {"state": "done", "files": 3, "dry": False}),
    ("2026-01/b", {"state": "failed", "files": 1, "dry": True}),
    ("2026-02/a", {"state": "done", "files": 1, "dry": True}),
]


def keys(records: list[tuple[str, Record]]) -> list[str]:
    return [key for key, _ in records]


class RecordStoreContract:
    """The promises. A subclass supplies `make_store` and nothing else."""

    def make_store(self, folder: Path) -> RecordStore:
        """An empty store that keeps what it is given in this folder."""
        raise NotImplementedError

    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[RecordStore]:
        with closing(self.make_store(tmp_path)) as store:
            yield store

    @pytest.fixture
    def runs(self, store: RecordStore) -> RecordStore:
        store.put("runs", RUNS)
        return store

    def test_empty__answers(self, store: RecordStore) -> None:
        assert store.get("runs", ["a"]) == [None]
        assert store.page("runs", 10) == []
        assert store.count("runs") == 0
        assert store.delete("runs", ["a"]) == 0

    def test_get__gives_back_whole_records_in_the_order_asked(self, runs: RecordStore) -> None:
        wanted = ["2026-02/a", "none", "2026-01/a", "2026-02/a"]
        assert runs.get("runs", wanted) == [RUNS[2][1], None, RUNS[0][1], RUNS[2][1]]

    def test_put__keeps_any_json_word_for_word(self, store: RecordStore) -> None:
        record = {"text": " ä\n\"'", "none": None, "deep": [1, 2.5, {"x": [True, ""]}], "": 0}
        store.put("odd", [("k'\";--", record)])
        assert store.get("odd", ["k'\";--"]) == [record]

    def test_put__replaces_the_record_of_the_same_key(self, runs: RecordStore) -> None:
        runs.put("runs", [("2026-01/a", {"state": "new"})])
        assert runs.get("runs", ["2026-01/a"]) == [{"state": "new"}]
        assert runs.count("runs") == 3

    def test_put__keeps_all_or_none(self, runs: RecordStore) -> None:
        def records() -> Iterator[tuple[str, Record]]:
            yield "new", {}
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            runs.put("runs", records())
        assert runs.count("runs") == 3
        runs.put("runs", [("new", {})])
        assert runs.count("runs") == 4

    def test_collections__do_not_meet(self, runs: RecordStore) -> None:
        runs.put("tokens", [("2026-01/a", {"name": "anna"})])
        assert runs.get("runs", ["2026-01/a"]) == [RUNS[0][1]]
        assert runs.delete("tokens", ["2026-01/a", "2026-01/b"]) == 1
        assert runs.count("runs") == 3

    def test_collections__are_those_that_have_a_record_in_order(self, runs: RecordStore) -> None:
        runs.put("imports", [("a", {}), ("b", {})])
        runs.put("Tokens", [("a", {})])
        assert runs.collections() == ["Tokens", "imports", "runs"]
        runs.delete("Tokens", ["a"])
        assert runs.collections() == ["imports", "runs"]

    def test_page__is_in_order_of_keys(self, store: RecordStore) -> None:
        store.put("runs", [(key, {}) for key in ("b", "a", "ä", "B", "10", "9")])
        assert keys(store.page("runs", 10)) == ["10", "9", "B", "a", "b", "ä"]

    @pytest.mark.parametrize("descending", [False, True])
    def test_page__follows_the_one_before(self, store: RecordStore, descending: bool) -> None:
        store.put("runs", [(f"{at:02}", {"at": at}) for at in range(10)])
        whole = store.page("runs", 10, descending=descending)
        after, seen = None, list[tuple[str, Record]]()
        while page := store.page("runs", 3, after=after, descending=descending):
            seen += page
            after = page[-1][0]
        assert seen == whole
        assert keys(whole) == sorted(keys(whole), reverse=descending)

    def test_page__keeps_keys_that_begin_with_the_prefix(self, store: RecordStore) -> None:
        names = ["a", "a%", "a%b", "a_", "ab", "b", "a\U0010ffffx"]
        store.put("runs", [(name, {}) for name in names])
        assert keys(store.page("runs", 10, prefix="a%")) == ["a%", "a%b"]
        assert keys(store.page("runs", 10, prefix="a", after="a%b")) == ["a_", "ab", names[-1]]
        assert store.count("runs", prefix="a") == 6

    def test_page__keeps_records_whose_members_are_equal(self, runs: RecordStore) -> None:
        assert keys(runs.page("runs", 10, equal={"state": "done"})) == ["2026-01/a", "2026-02/a"]
        assert keys(runs.page("runs", 10, equal={"files": 1, "dry": True})) == [
            "2026-01/b",
            "2026-02/a",
        ]
        assert runs.page("runs", 10, equal={"none": "x"}) == []
        assert runs.count("runs", equal={"dry": False}) == 1

    def test_page__tells_numbers_texts_and_truth_apart(self, store: RecordStore) -> None:
        members: dict[str, str | int] = {"number": 1, "text": "1", "truth": True}
        store.put("runs", [(name, {"is": value}) for name, value in members.items()])
        for name, value in members.items():
            assert keys(store.page("runs", 10, equal={"is": value})) == [name]

    def test_page__filters_in_front_of_the_page(self, runs: RecordStore) -> None:
        page = runs.page("runs", 2, equal={"files": 1}, prefix="2026", descending=True)
        assert keys(page) == ["2026-02/a", "2026-01/b"]

    def test_delete__counts_what_was_there(self, runs: RecordStore) -> None:
        assert runs.delete("runs", ["2026-01/a", "none", "2026-01/a"]) == 1
        assert keys(runs.page("runs", 10)) == ["2026-01/b", "2026-02/a"]

    def test_writers__take_turns(self, store: RecordStore) -> None:
        def write(name: str) -> None:
            for at in range(5):
                store.put("runs", [(f"{name}{at}", {"at": at})])

        threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert store.count("runs") == 20

    def test_alone__is_for_one_at_a_time_whoever_asks(
        self, store: RecordStore, tmp_path: Path
    ) -> None:
        inside: list[str] = []

        def enter(records: RecordStore) -> None:
            for _ in range(5):
                with records.alone("timeline"):
                    inside.append("in")
                    time.sleep(0.002)
                    inside.append("out")

        with closing(self.make_store(tmp_path)) as other:
            threads = [threading.Thread(target=enter, args=(one,)) for one in (store, other, store)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert inside == ["in", "out"] * 15

    def test_alone__does_not_wait_for_another_name_nor_for_who_left_in_a_hurry(
        self, store: RecordStore
    ) -> None:
        with pytest.raises(ValueError, match="hurry"), store.alone("timeline"):
            raise ValueError("hurry")
        with store.alone("timeline"), store.alone("other"):
            store.put("runs", RUNS)
        assert store.count("runs") == len(RUNS)

    def test_records__are_there_when_the_store_is_opened_again(self, tmp_path: Path) -> None:
        with closing(self.make_store(tmp_path)) as before:
            before.put("runs", RUNS)
        with closing(self.make_store(tmp_path)) as after:
            assert after.page("runs", 10) == RUNS
