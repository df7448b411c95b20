"""The way to a Neo4j server: answers of one revision, one writer at a time, errors in our words.

- Neo4j shows a reader the changes of a commit while it applies them, one after another. So who
  lands a revision says so at a gate before and after, and a read that met a landing, or another
  revision at its end than at its beginning, is asked again. A read never waits for a write that is
  in the making, only for the moment it lands in.
- Who writes holds the lock of one node for the whole transaction; another one waits its patience.
- Reads and the beginning of a write are tried again where the connection broke or others were in
  the way. A server that hangs is given up when its sign of life is overdue: Neo4j tells the driver
  how long that is (`server.bolt.connection_keep_alive`).
- A commit is never tried again: if the connection broke in it, the next transaction that gets the
  lock looks whether its token is among the revisions.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, LiteralString, TypeVar
from urllib.parse import unquote, urlsplit
from uuid import uuid4

from graph_service.adapters.neo4j import errors
from graph_service.adapters.neo4j.cypher import schema, state
from graph_service.adapters.neo4j.queries import Gate, Queries, Rows, WriteQueries
from graph_service.domain.errors import StoreError, StoreReadOnly, StoreTooNew

if TYPE_CHECKING:
    import neo4j

PATIENCE_S: Final = 30.0
"""How long a writer waits for another one before it gives up with StoreBusy."""
OLDEST: Final = (5, 26)
"""The first version that has all we ask of Cypher."""

_TRIES: Final = 5
_TRY_WITHIN_S: Final = 3.0
"""After so long nothing is tried again: a server that hangs is given up once, not five times."""
_PAUSE_S: Final = 0.05
_POLL_S: Final = 0.003
_HEAL_AFTER_S: Final = 1.0
_CONNECT_WITHIN_S: Final = 5.0

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Neo4jAddress:
    """Where a server is and who we are there; the password is never shown."""

    uri: str
    user: str = "neo4j"
    password: str = field(default="", repr=False)
    database: str = "neo4j"

    @classmethod
    def parse(
        cls, url: str, user: str | None = None, password: str | None = None, database: str = "neo4j"
    ) -> Neo4jAddress:
        """Read `bolt://user:password@host:7687`; what is given beside it counts more."""
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
        return cls(
            parts._replace(netloc=host).geturl(),
            user or unquote(parts.username or "neo4j"),
            password or unquote(parts.password or ""),
            database,
        )


class Writing:
    """A write in the making: who holds it holds the lock."""

    def __init__(self, connection: Neo4jConnection, transaction: neo4j.Transaction, token: str):
        self.token = token
        self.queries = WriteQueries(transaction)
        self._connection = connection
        self._transaction = transaction

    def land(self, revision: int) -> None:
        """Commit, and tell readers before and after.

        Raises:
            StoreError: it did not land, or nobody can tell because the server is gone.
        """
        self.queries.settle()
        self._connection.announce(revision)
        try:
            self._transaction.commit()
        except Exception as error:
            if not errors.lost(error) or not self._connection.has_landed(self.token, revision):
                raise
        finally:
            with suppress(StoreError):
                self._connection.announce(None)


class Neo4jConnection:
    """One server, for as many threads as like.

    Args:
        address: Where it is.
        patience_s: How long to wait for another writer.
        read_only: Nothing is created or written.

    Raises:
        StoreError: it does not answer, refuses us, is too old, or the driver is not installed.
        StoreTooNew: its graph was written by a newer version.
    """

    def __init__(
        self,
        address: Neo4jAddress,
        *,
        patience_s: float = PATIENCE_S,
        read_only: bool = False,
    ):
        self.server = urlsplit(address.uri).netloc
        self.read_only = read_only
        self._database = address.database
        self._is_routed = address.uri.startswith("neo4j")
        self._patience_s = patience_s
        with errors.translated(self.server):
            self._driver = _open(address)
            try:
                self._check_version()
            except BaseException:
                self._driver.close()
                raise

    def prepare(self, statements: tuple[LiteralString, ...]) -> None:
        """Make constraints and indexes where they are not there."""
        if self.read_only:
            return
        with errors.translated(self.server), self._session() as session:
            for statement in (*statements, schema.READY):
                session.run(statement).consume()

    def answer(self, ask: Callable[[Queries, Gate], T]) -> T:
        """What a question finds in the state of one revision."""
        with errors.translated(self.server):
            begun = time.monotonic()
            for attempt in range(_TRIES):
                try:
                    found = self._answer_if_still(ask)
                except Exception as error:
                    _wait_or_raise(error, attempt, begun)
                else:
                    if found is not None:
                        return found[0]
        return self._answer_alone(ask)

    def revision(self) -> int:
        """The newest revision, with as little asking as can be: it is asked all the time."""
        rows = self.ask(state.GATE)
        gate = Gate(*rows[0]) if rows else Gate(0, 1, None)
        if gate.landing is None:
            return gate.revision
        return self.answer(lambda _, gate: gate.revision)

    def ask(self, query: LiteralString, **values: object) -> Rows:
        """The rows of one question, whatever lands beside it."""
        with errors.translated(self.server), self._session(reading=True) as session:
            return session.execute_read(lambda tx: tx.run(query, values).values())

    def do(self, query: LiteralString, **values: object) -> Rows:
        """Do one thing in a transaction of its own; it must be one that may be done twice."""
        self.require_writing()
        with errors.translated(self.server), self._session() as session:
            return session.execute_write(lambda tx: tx.run(query, values).values())

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        """A transaction that holds the lock; rolled back at the end of the block unless it landed.

        Raises:
            StoreBusy: another writer did not finish in time.
            StoreReadOnly, StoreFull, StoreError: it could not be written; nothing was kept.
        """
        with self.holding(state.TAKE_LOCK) as (transaction, token):
            writing = Writing(self, transaction, token)
            if writing.queries.gate().landing is not None:
                self.announce(None)  # of a writer that is gone: the lock is ours
            try:
                yield writing
            finally:
                writing.queries.end()

    @contextmanager
    def holding(
        self, take: LiteralString, **values: object
    ) -> Iterator[tuple[neo4j.Transaction, str]]:
        """A transaction that has taken a lock; rolled back at the end of the block.

        Args:
            take: takes the lock; is given a `token` that is no other transaction's.
            values: what else it is given.

        Raises:
            StoreBusy: another one did not let go in time.
        """
        self.require_writing()
        token = uuid4().hex
        with errors.translated(self.server), self._session() as session:
            transaction = self._begin(session, take, {"token": token, **values})
            try:
                yield transaction, token
            finally:
                with suppress(Exception):
                    transaction.close()

    def announce(self, landing: int | None) -> None:
        """Tell readers that a revision lands, or that none does."""
        self.do(state.ANNOUNCE, landing=landing)

    def has_landed(self, token: str, revision: int) -> bool:
        """Look, with the lock in hand, whether the transaction of a token is among the revisions.

        Raises:
            StoreError: the server does not come back.
        """
        deadline = time.monotonic() + self._patience_s
        while True:
            try:
                with self.writing() as writing:
                    return bool(writing.queries.rows(state.LANDED, token=token))
            except StoreError as error:
                if time.monotonic() > deadline:
                    raise errors.not_known(self.server, revision) from error
                time.sleep(0.2)

    def require_writing(self) -> None:
        """Refuse to write where only reading was asked for."""
        if self.read_only:
            raise StoreReadOnly(
                f"Neo4j at {self.server} was opened for reading only", subject=self.server
            )

    def close(self) -> None:
        """Let go of all connections."""
        self._driver.close()

    # --- reading ---------------------------------------------------------------------------

    def _answer_if_still(self, ask: Callable[[Queries, Gate], T]) -> tuple[T] | None:
        """The answer, None where a revision landed meanwhile."""
        with self._session(reading=True) as session, session.begin_transaction() as transaction:
            queries = Queries(transaction)
            before = queries.gate()
            if before.landing is None:
                found = ask(queries, before)
                return (found,) if queries.gate() == before else None
        self._let_land()
        return None

    def _let_land(self) -> None:
        """Wait until nothing lands; where who landed is gone, see to it ourselves."""
        begun = time.monotonic()
        while self._now().landing is not None:
            waited = time.monotonic() - begun
            if waited > self._patience_s:
                raise errors.busy(self.server)
            if waited > _HEAL_AFTER_S and not self.read_only:
                with self.writing():
                    return
            time.sleep(_POLL_S)

    def _answer_alone(self, ask: Callable[[Queries, Gate], T]) -> T:
        """The answer to a long question among many landings: hold writers off for once."""
        with self.writing() as writing:
            return ask(writing.queries, writing.queries.gate())

    def _now(self) -> Gate:
        with self._session(reading=True) as session, session.begin_transaction() as transaction:
            return Queries(transaction).gate()

    # --- writing ---------------------------------------------------------------------------

    def _begin(
        self, session: neo4j.Session, take: LiteralString, values: dict[str, object]
    ) -> neo4j.Transaction:
        begun = time.monotonic()
        for attempt in range(_TRIES):
            try:
                return self._take_lock(session, take, values)
            except Exception as error:
                _wait_or_raise(error, attempt, begun)
        raise AssertionError

    def _take_lock(
        self, session: neo4j.Session, take: LiteralString, values: dict[str, object]
    ) -> neo4j.Transaction:
        transaction = session.begin_transaction(metadata={"gridstrata": values["token"]})
        watch = threading.Timer(self._patience_s, self._terminate, (values["token"],))
        watch.daemon = True
        watch.start()
        try:
            transaction.run(take, values).consume()
        except BaseException:
            transaction.close()
            raise
        finally:
            watch.cancel()
        return transaction

    def _terminate(self, token: object) -> None:
        """End a transaction of ours that waits; the server has no patience of its own."""
        with suppress(Exception), self._session() as session:
            session.run(state.TERMINATE, token=token).consume()

    # --- the driver ------------------------------------------------------------------------

    def _session(self, *, reading: bool = False) -> neo4j.Session:
        # of a cluster only the leader is asked: followers may lag behind what was told already
        mode = "READ" if reading and not self._is_routed else "WRITE"
        return self._driver.session(database=self._database, default_access_mode=mode)

    def _check_version(self) -> None:
        agent = self._driver.get_server_info().agent
        found = agent.partition("/")[2].split(".")
        if len(found) > 1 and found[0].isdigit() and found[1].isdigit():
            if (int(found[0]), int(found[1])) >= OLDEST:
                return
            raise StoreError(
                f"{self.server} runs {agent}, which is too old",
                subject=self.server,
                hint=f"use Neo4j {OLDEST[0]}.{OLDEST[1]} or newer; Community is enough",
            )


def require_layout(connection: Neo4jConnection) -> None:
    """Refuse a graph that a newer version wrote.

    Raises:
        StoreTooNew: says so.
    """
    ((layout,),) = connection.ask(schema.FOUND) or [[None]]
    if layout is not None and layout > schema.LAYOUT:
        raise StoreTooNew(
            f"the graph in Neo4j at {connection.server} was written by a newer version"
            f" (layout {layout}, this one knows {schema.LAYOUT})",
            subject=connection.server,
            hint="use the newer version",
        )


def _wait_or_raise(error: Exception, attempt: int, begun: float) -> None:
    """Wait a moment where the same may work then; raise where it will not, or took too long."""
    too_long = time.monotonic() - begun > _TRY_WITHIN_S
    if attempt == _TRIES - 1 or too_long or not errors.passes(error):
        raise error
    time.sleep(_PAUSE_S * 2**attempt)


def _open(address: Neo4jAddress) -> neo4j.Driver:
    try:
        from neo4j import GraphDatabase
    except ImportError as error:
        raise StoreError(
            "the driver of Neo4j is not installed",
            subject=address.uri,
            hint="install the extra: pip install 'gridstrata[neo4j]'",
        ) from error
    settings: Mapping[str, Any] = {
        "connection_timeout": _CONNECT_WITHIN_S,
        "connection_acquisition_timeout": 2 * _CONNECT_WITHIN_S,
        "liveness_check_timeout": 30.0,
        "max_transaction_retry_time": _CONNECT_WITHIN_S,
        "notifications_min_severity": "OFF",
        "user_agent": "gridstrata",
    }
    auth = (address.user, address.password) if address.password else None
    return GraphDatabase.driver(address.uri, auth=auth, **settings)
