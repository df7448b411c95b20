"""What every Backup owes: each promise of the port is a test here.

An adapter's test class inherits from `BackupContract` and supplies `make_store`, and how to write a
number into all stores of a folder and how to read it from them.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from graph_service.domain.errors import Conflict, StoreError
from graph_service.ports.backup import Backup


class BackupContract:
    """Runs on stores in a folder of their own."""

    SUPPLIED = frozenset({"make_store", "write", "written"})

    def make_store(self, folder: Path) -> Backup:
        """The backup of the stores in a folder."""
        raise NotImplementedError

    def write(self, folder: Path, number: int) -> None:
        """Put a number into graph, records and timeline; makes the stores."""
        raise NotImplementedError

    def written(self, folder: Path) -> tuple[int, int, int]:
        """The number in graph, records and timeline."""
        raise NotImplementedError

    @pytest.fixture
    def data(self, tmp_path: Path) -> Path:
        self.write(tmp_path / "data", 1)
        return tmp_path / "data"

    @pytest.fixture
    def copy(self, data: Path, tmp_path: Path) -> Path:
        """A copy that lies where it can be put back; a later number has been written since."""
        backup = self.make_store(data)
        copy = backup.staging(replace=True) / "copy"
        copy.mkdir()
        backup.take(copy)
        self.write(data, 2)
        return copy

    def test_take__holds_what_there_was_and_nothing_later(self, data, copy, tmp_path):
        self.make_store(tmp_path / "other").put_back(copy, replace=False)
        assert self.written(tmp_path / "other") == (1, 1, 1)
        assert self.written(data) == (2, 2, 2)

    def test_take__says_what_the_copy_holds(self, data, tmp_path):
        (tmp_path / "copy").mkdir()
        backup = self.make_store(data)
        assert backup.take(tmp_path / "copy") == backup.facts(tmp_path / "copy")

    def test_facts__of_a_copy_that_lacks_something_is_an_error(self, data, copy):
        next(copy.iterdir()).unlink()
        with pytest.raises(StoreError):
            self.make_store(data).facts(copy)

    def test_put_back__over_something_is_refused_and_changes_nothing(self, data, copy):
        with pytest.raises(Conflict):
            self.make_store(data).put_back(copy, replace=False)
        assert self.written(data) == (2, 2, 2)

    def test_put_back__over_something_that_may_go_says_where_it_went(self, data, copy):
        before = self.make_store(data).put_back(copy, replace=True)
        assert self.written(data) == (1, 1, 1)
        assert self.written(before) == (2, 2, 2)

    def test_staging__where_nothing_may_be_put_back_is_refused(self, data):
        with pytest.raises(Conflict):
            self.make_store(data).staging(replace=False)
