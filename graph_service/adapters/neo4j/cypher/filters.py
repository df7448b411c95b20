"""Conditions on an element `e`, put together to one `WHERE`; `{0}`, `{1}` stand for parameters."""

from __future__ import annotations

from typing import Final

TRUE: Final = "true"
FALSE: Final = "false"
AND: Final = " AND "
OR: Final = " OR "
NOT: Final = "NOT {}"
GROUP: Final = "({})"

MODEL_SET: Final = "e.modelSet = ${0}"
KINDS: Final = "e.kind IN ${0}"
LAYERS: Final = {
    "PhysicalLayer": "e:PhysicalLayer",
    "CommunicationLayer": "e:CommunicationLayer",
    "OwnershipLayer": "e:OwnershipLayer",
}
NAME: Final = "(e.sortName = ${0} AND ${1} = " + (
    "CASE WHEN e.`IdentifiedObject.name` IS :: STRING THEN e.`IdentifiedObject.name`"
    " ELSE coalesce(e.`IdentifiedObject.name`[0], '') END)"
)
TEXT: Final = (
    "(coalesce(e.longName, e.sortName) CONTAINS ${0} OR toLower(e.mRID) CONTAINS ${0}"
    " OR coalesce(e.foldedId, '') CONTAINS ${0})"
)
MRIDS: Final = "e.mRID IN ${0}"
NUMBERS: Final = "e.number IN ${0}"
SEEN: Final = "e.owners IN ${0}"
OWNED: Final = "coalesce(e.owners IN ${0}, false)"

_VALUES: Final = (
    "CASE WHEN e[${0}] IS NULL THEN [] WHEN e[${0}] IS :: STRING THEN [e[${0}]] ELSE e[${0}] END"
)
_DIGITS: Final = "[0-9](_?[0-9])*"
_PLAIN: Final = rf"'\\s*[+-]?({_DIGITS}\\.?({_DIGITS})?|\\.{_DIGITS})([eE][+-]?{_DIGITS})?\\s*'"
_INFINITE: Final = r"'(?i)\\s*([+-]?)inf(inity)?\\s*'"
_NUMBER: Final = (
    f"CASE WHEN v =~ {_PLAIN} THEN toFloat(replace(trim(v), '_', ''))"
    f" WHEN v =~ {_INFINITE} THEN CASE WHEN v CONTAINS '-' THEN -1.0 ELSE 1.0 END * ${{2}}"
    " ELSE null END"
)
"""A text as a number, as Python reads it; null where it is none."""

EQUALS: Final = f"any(v IN {_VALUES} WHERE v = ${{1}})"
CONTAINS: Final = f"any(v IN {_VALUES} WHERE v CONTAINS ${{1}})"
LESS: Final = f"coalesce(any(v IN {_VALUES} WHERE coalesce({_NUMBER} < ${{1}}, false)), false)"
GREATER: Final = f"coalesce(any(v IN {_VALUES} WHERE coalesce({_NUMBER} > ${{1}}, false)), false)"
PRESENT: Final = "e[${0}] IS NOT NULL"

FIND: Final = "MATCH (e:Element) WHERE {where} RETURN properties(e) ORDER BY {order} LIMIT $first"
COUNT: Final = "MATCH (e:Element) WHERE {where} RETURN count(e)"
COUNT_ALL: Final = "MATCH (e:Element) RETURN count(e)"
COUNT_BY_KIND: Final = "MATCH (e:Element) WHERE {where} RETURN e.kind, count(e)"

ORDERS: Final = {
    ("number", False): "e.number",
    ("number", True): "e.number DESC",
    ("name", False): "e.sortName, e.number",
    ("name", True): "e.sortName DESC, e.number DESC",
    ("kind", False): "e.kind, e.number",
    ("kind", True): "e.kind DESC, e.number DESC",
}
FROM_START: Final = {
    "number": "e.number >= 0",
    "name": "e.sortName >= ''",
    "kind": "e.kind >= ''",
}
"""Says nothing, and lets the index give the order."""
BEYOND: Final = {
    ("number", False): "e.number > ${1}",
    ("number", True): "e.number < ${1}",
    ("name", False): "e.sortName >= ${0} AND (e.sortName > ${0} OR e.number > ${1})",
    ("name", True): "e.sortName <= ${0} AND (e.sortName < ${0} OR e.number < ${1})",
    ("kind", False): "e.kind >= ${0} AND (e.kind > ${0} OR e.number > ${1})",
    ("kind", True): "e.kind <= ${0} AND (e.kind < ${0} OR e.number < ${1})",
}
