"""Access: tokens, and who is asking.

A token is shown once, when it is made; only its SHA-256 is kept (it is 256 random bits, so a
plain hash cannot be searched). Owners are kept as text, the name or key of an organisation, and
looked up in the graph when the token is used, so that a token outlives a fresh import. A token
whose owners are unknown sees nothing.

A token that was recognised is not looked up again for a second, so that a token that is revoked, in
whichever process, is refused after that. Where the records are away, tokens that were recognised in
the last quarter of an hour go on being recognised.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Final

from graph_service.domain.access import EVERYTHING, Caller, Right, Scope
from graph_service.domain.elements import check_name
from graph_service.domain.errors import AccessDenied, BadName, StoreUnavailable
from graph_service.domain.filters import ElementFilter, PageRequest
from graph_service.ports.graph_store import GraphStore
from graph_service.ports.record_store import RecordStore

TOKENS: Final = "tokens"
OPEN_CALLER: Final = Caller("open", EVERYTHING, frozenset({Right.ADMIN}))
"""Who asks when the service runs open on loopback: anyone on this machine, for everything."""

_GOOD_WHILE_AWAY_S: Final = 900.0
_MOST_REMEMBERED: Final = 10_000


@dataclass(frozen=True, slots=True)
class TokenInfo:
    """What is known of a token; `owners` None means that it sees everything."""

    name: str
    owners: tuple[str, ...] | None
    rights: frozenset[Right]
    created_at: datetime


class Access:
    """Makes, lists, revokes and recognises tokens.

    Args:
        records: where they are kept.
        graph: where owners are looked up.
        newest: the newest revision that is known; default: asks the graph.
    """

    def __init__(
        self, records: RecordStore, graph: GraphStore, newest: Callable[[], int] | None = None
    ) -> None:
        self._records = records
        self._graph = graph
        self._newest = newest or graph.revision
        self._recognised: dict[str, tuple[float, TokenInfo]] = {}
        self._scopes: dict[tuple[int, tuple[str, ...]], Scope] = {}

    def create(self, name: str, owners: Sequence[str] | None, rights: Iterable[Right]) -> str:
        """Make a token and give its text, which cannot be read again.

        Raises:
            BadName: the name cannot be one, or another token has it.
        """
        if any(token.name == name for token in self.tokens()):
            raise BadName(name)
        token = "gs_" + secrets.token_urlsafe(32)
        record = {
            "name": check_name(name),
            "owners": None if owners is None else list(owners),
            "rights": sorted(right.value for right in rights),
            "created_at": datetime.now(UTC).isoformat(),
        }
        self._records.put(TOKENS, [(_digest(token), record)])
        return token

    def tokens(self) -> list[TokenInfo]:
        """All tokens, without their secrets, by name."""
        rows = self._records.page(TOKENS, first=10_000)
        return sorted((_info(record) for _, record in rows), key=lambda token: token.name)

    def revoke(self, name: str) -> bool:
        """Forget a token; False where there is none of this name."""
        self._recognised.clear()
        rows = self._records.page(TOKENS, first=10_000, equal={"name": name})
        return self._records.delete(TOKENS, [key for key, _ in rows]) > 0

    def caller(self, token: str) -> Caller:
        """Recognise a token.

        Raises:
            AccessDenied: nobody made it, or it was revoked.
        """
        info = self._recognise(_digest(token))
        return Caller(info.name, self.scope(info.owners), info.rights)

    def scope(self, owners: Sequence[str] | None) -> Scope:
        """The scope of owners given by name or key, at the newest revision."""
        if owners is None:
            return EVERYTHING
        key = (self._newest(), tuple(owners))
        if key not in self._scopes:
            if len(self._scopes) > 1000:
                self._scopes.clear()
            self._scopes[key] = Scope(self._numbers(owners))
        return self._scopes[key]

    def _recognise(self, digest: str) -> TokenInfo:
        at, info = self._recognised.get(digest, (0.0, None))
        now = monotonic()
        try:
            record = self._records.get(TOKENS, [digest])[0]
        except StoreUnavailable:
            if info is None or now - at > _GOOD_WHILE_AWAY_S:
                raise
            return info
        if record is None:
            self._recognised.pop(digest, None)
            raise AccessDenied(
                "this token is not known",
                hint="make one with `gridstrata token create` and send it as "
                "`Authorization: Bearer ...`",
            )
        if len(self._recognised) > _MOST_REMEMBERED:
            self._recognised.clear()
        info = _info(record)
        self._recognised[digest] = (now, info)
        return info

    def _numbers(self, owners: Sequence[str]) -> frozenset[int]:
        wanted = ElementFilter(kinds=frozenset({"Organisation"}))
        numbers: set[int] = set()
        after: tuple[str, int] | None = None
        while True:
            page = self._graph.find(wanted, PageRequest(first=500, after=after), EVERYTHING)
            for element in page.elements:
                if {element.name, element.mrid, str(element.key)} & set(owners):
                    numbers.add(element.number)
            if not page.has_next:
                return frozenset(numbers)
            after = page.end


def require(caller: Caller, right: Right) -> None:
    """Stop a caller who lacks a right.

    Raises:
        AccessDenied: says which right is missing.
    """
    if not caller.may(right):
        raise AccessDenied(
            f"'{caller.name}' may not do this; it needs the right '{right.value}'",
            subject=caller.name,
            hint=f"use a token made with --right {right.value}",
        )


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _info(record: Any) -> TokenInfo:
    owners = record["owners"]
    return TokenInfo(
        record["name"],
        None if owners is None else tuple(owners),
        frozenset(Right(right) for right in record["rights"]),
        datetime.fromisoformat(record["created_at"]),
    )
