"""What a caller is told when something goes wrong: one shape, with a code that stays.

Every error leaves with `extensions` {code, subject, hint, retryable}. Errors of the domain keep
their own code; a document that cannot be read or does not fit the schema has GRAPHQL_PARSE_FAILED
or GRAPHQL_VALIDATION_FAILED, one that asks too much a QUERY_TOO_... code. Anything unexpected is
logged under an id and answered as INTERNAL with that id and nothing else, so that no path, query
of a store or stack trace leaves the house.
"""

from __future__ import annotations

import logging
import secrets
from typing import Any, Final

from graphql import GraphQLError, GraphQLSyntaxError

from graph_service.domain.errors import GridStrataError, StoreBusy, StoreUnavailable

log = logging.getLogger("gridstrata.api")

PARSE_FAILED: Final = "GRAPHQL_PARSE_FAILED"
VALIDATION_FAILED: Final = "GRAPHQL_VALIDATION_FAILED"
INTERNAL: Final = "INTERNAL"
TOO_DEEP: Final = "QUERY_TOO_DEEP"
TOO_LONG: Final = "QUERY_TOO_LONG"
TOO_MANY_ALIASES: Final = "QUERY_TOO_MANY_ALIASES"
TOO_COSTLY: Final = "QUERY_TOO_COSTLY"

_INTERNAL_HINT: Final = "tell who runs this server the id; its log has the rest"


def extensions(
    code: str, *, subject: str | None = None, hint: str | None = None, retryable: bool = False
) -> dict[str, Any]:
    """The extensions of an error, as every error of this service has them."""
    return {"code": code, "subject": subject, "hint": hint, "retryable": retryable}


def explain(error: GridStrataError) -> dict[str, Any]:
    """The extensions of an error of the domain."""
    may_pass = isinstance(error, (StoreBusy, StoreUnavailable))
    return extensions(error.code, subject=error.subject, hint=error.hint, retryable=may_pass)


def dress(error: GraphQLError) -> None:
    """Give an error its code, subject and hint, in place; an error that has them stays as it is."""
    error.extensions = dict(error.extensions or {})
    if "code" not in error.extensions:
        error.extensions |= _extensions_of(error)


def formatted(
    message: str, code: str, *, hint: str | None = None, retryable: bool = False
) -> dict[str, Any]:
    """An error that has no place in a document, as it is sent."""
    return {"message": message, "extensions": extensions(code, hint=hint, retryable=retryable)}


def _extensions_of(error: GraphQLError) -> dict[str, Any]:
    cause = error.original_error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    if isinstance(cause, GridStrataError):
        error.message = cause.message
        return explain(cause)
    if isinstance(error, GraphQLSyntaxError) or isinstance(cause, GraphQLSyntaxError):
        return extensions(PARSE_FAILED, hint="see `locations` for the line and column")
    if isinstance(cause, RecursionError):
        error.message = "the document is nested too deeply to be read"
        return extensions(TOO_DEEP, hint="ask in several smaller queries")
    if cause is None or isinstance(cause, GraphQLError) or (error.nodes and not error.path):
        return extensions(VALIDATION_FAILED, hint="the schema is at /graphql in a browser")
    return _internal(error, cause)


def _internal(error: GraphQLError, cause: Exception) -> dict[str, Any]:
    number = secrets.token_hex(4)
    place = ".".join(map(str, error.path or ()))
    log.error("internal error %s at %s", number, place or "the operation", exc_info=cause)
    error.message = f"something went wrong inside the service; its log has it as {number}"
    return extensions(INTERNAL, subject=number, hint=_INTERNAL_HINT)
