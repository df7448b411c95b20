"""Prints docs/reference/findings.md from the table: `python -m tests.docs.print_findings`."""

from graph_service.domain.findings import CODES, Severity
from tests.docs.printing import code, table

HEAD = """\
# Findings

Printed from `graph_service/domain/findings.py` by `tests/docs/print_findings.py`; change the
table, not this page.

A finding is something wrong with the data. It is a value: it can be counted, compared and printed,
and it stops nothing but the file it is about. (Something wrong with a call or with the world is
an [error](errors.md).) Every finding has a code, a severity, a message, a subject (an mRID, a
property or a file) and where it is known file, line and column.

| Severity | Means |
| --- | --- |
| `error` | the file was left out; the rest of its delivery was taken |
| `warning` | it was worked around as the table says; nothing was lost |
| `info` | worth counting |

Where findings are: in the report of `gridstrata import` (all of them with `--format json`), and
in GraphQL as `importRun(id: ...) { findingCounts { code count } findings(code: ...) { nodes {
severity message subject file line } } }`.

## Codes
"""


def main() -> None:
    """Print the page."""
    print(page(), end="")


def page() -> str:
    """The whole page as Markdown."""
    order = list(reversed(Severity))
    rows = sorted(CODES.items(), key=lambda row: (order.index(row[1][0]), row[0]))
    cells = ((code(name), severity.value, meaning) for name, (severity, meaning) in rows)
    return f"{HEAD}\n{table(('Code', 'Severity', 'Meaning'), cells)}"


if __name__ == "__main__":
    main()
