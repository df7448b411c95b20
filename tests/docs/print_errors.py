"""Prints docs/reference/errors.md from the classes: `python -m tests.docs.print_errors`."""

from collections.abc import Iterator

from graph_service.api import errors as api
from graph_service.domain.errors import GridStrataError
from tests.docs.printing import code, table

HEAD = """\
# Errors

Printed from `graph_service/domain/errors.py` and `graph_service/api/errors.py` by
`tests/docs/print_errors.py`; change the classes, not this page.

An error is something wrong with a call or with the world. It says what was asked, what was found
and what to do. (Something wrong with the data is a [finding](findings.md).)

On the command line an error is one message and a hint on standard error, and exit code 1. Exit
code 2 means that the command itself was misused, 130 that it was interrupted. In GraphQL it
stands in `errors`, with the code in `extensions`:

```json
{
  "message": "no element has the mRID 'X'",
  "path": ["trace"],
  "extensions": {
    "code": "UNKNOWN_ELEMENT",
    "subject": "X",
    "hint": "search for it by name: elements(filter: {text: \\"...\\"})",
    "retryable": false
  }
}
```

Codes stay; messages may change. `retryable` is true where the same call may succeed later.

## Codes of the service

A code in the second column means that its error is a special case of that one.
"""

TO_DO = {
    "ERROR": "read the message; no error has this code alone",
    "INVALID_CALL": "mend the call as the hint says",
    "BAD_WINDOW": "give a stop later than the start; windows are half-open",
    "BAD_PAGE": "ask for 0 to 500 and follow `pageInfo.endCursor`",
    "BAD_CURSOR": "give the cursor to the query it came from, unchanged, or start again",
    "BAD_RESOLUTION": "give minutes, hours or days: `PT15M`, `PT1H`, `P1D`",
    "BAD_ZONE": "take a name of the IANA time zone database",
    "TOO_MANY_INTERVALS": "ask for a shorter window or a coarser resolution",
    "BAD_AGGREGATE": "sum energy only; take MEAN, MIN, MAX, LAST or COUNT for the rest",
    "BAD_FILTER": "compare what can be compared; the message names the part",
    "BAD_NAME": "use letters, digits, `.`, `_` and `-`, at most 100",
    "UNKNOWN_ELEMENT": "search by name; a caller with a scope may not see it",
    "AMBIGUOUS_ELEMENT": "write the model set before it: `modelSet/mRID`",
    "UNKNOWN_KIND": "take a CIM class; the hint has near ones",
    "UNKNOWN_QUANTITY": "take one of the [quantities](kinds.md#quantities)",
    "UNKNOWN_MODEL_SET": "take one that `gridstrata status` lists, or import first",
    "UNKNOWN_REVISION": "take one that `revisions` lists",
    "ACCESS_DENIED": "send a token that is known and has the right",
    "UNREADABLE_INPUT": "mend the file that the message names, and give it again",
    "CONFLICT": "look at what changed since, and decide again",
    "STORE_ERROR": "read the message; nothing of the call was kept",
    "STORE_READ_ONLY": "make the data folder writable, or name another",
    "STORE_FULL": "free space and repeat the call; nothing of it was kept",
    "STORE_TOO_NEW": "install the version that wrote the data folder, or a newer one",
    "STORE_BUSY": "repeat the call; another process was writing",
    "TOO_MANY_WAITING": "send the batch again after the seconds that the hint names",
}

ASKED = (
    (api.PARSE_FAILED, "the document is no GraphQL", "see `locations` for line and column"),
    (api.VALIDATION_FAILED, "the document does not fit the schema", "see the message"),
    (api.TOO_DEEP, "the document, or its variables, are nested too deeply", "ask in two queries"),
    (api.TOO_LONG, "the document has too many tokens", "send values as variables"),
    (api.TOO_MANY_ALIASES, "the document has too many aliases", "ask `nodes(ids: [...])`"),
    (api.TOO_COSTLY, "the answer could become too large", "ask for shorter pages"),
    ("BAD_REQUEST", "the HTTP request is no GraphQL request", "see the message"),
    ("UNKNOWN_OPERATION", "`operationName` names none of the document", "name one of them"),
    ("BAD_HOST", "an open server was asked by a name that is not this machine's", "use 127.0.0.1"),
    (api.INTERNAL, "a fault of the service; its log has it by the id", "tell who runs it the id"),
)


def main() -> None:
    """Print the page."""
    print(page(), end="")


def page() -> str:
    """The whole page as Markdown."""
    known = table(("Code", "Kind of", "Meaning", "What to do"), rows())
    asked = ((code(name), meaning, act) for name, meaning, act in ASKED)
    return f"""{HEAD}
{known}
## Codes of the GraphQL endpoint

{table(("Code", "Meaning", "What to do"), asked)}"""


def rows() -> Iterator[tuple[str, str, str, str]]:
    """One row an error class, special cases below their kind."""
    for error in classes(GridStrataError):
        parent = error.__mro__[1]
        kind = getattr(parent, "code", "") if parent is not GridStrataError else ""
        meaning = (error.__doc__ or "").strip().splitlines()[0]
        yield code(error.code), code(kind), meaning, TO_DO.get(error.code, "do as the hint says")


def classes(root: type[GridStrataError]) -> Iterator[type[GridStrataError]]:
    """The subclasses of an error, depth first."""
    for error in root.__subclasses__():
        if error.__module__ == root.__module__:
            yield error
            yield from classes(error)


if __name__ == "__main__":
    main()
