"""The mapping: which measurement, tag and field of line protocol is which element and quantity.

Without a file the measurement `readings` is taken: its tag `element` is an mRID, its tags
`source` and `unit` may be there, its fields are named as quantities, a field `quality` says how
far they may be trusted. A file puts rules before that one; the first rule that takes a line counts.

A file is TOML. It is checked whole when it is read: a quantity that does not exist, a unit that
does not fit, a key nobody knows are errors before the first line comes.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping as Members
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

from graph_service.domain import tables
from graph_service.domain.errors import BadMapping, UnreadableInput
from graph_service.domain.units import Conversion
from graph_service.services.formats import checks
from graph_service.services.formats.addressed import BY_MRID, Address, BadLine, Lookup, Target

BY: Final = ("mrid", "name", "names", "property", "any")
DEFAULT_SOURCE: Final = "meter"


@dataclass(frozen=True, slots=True)
class FieldRule:
    """What a field is: a quantity, or a tag that names it, and the unit of its values."""

    quantity: str = ""
    quantity_tag: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """How lines of one measurement are taken.

    Attributes:
        measurement: Its name; `*` and `?` as in file names.
        where: Tags that a line must have, with these values.
        element_tag: The tag whose value is the identifier.
        element: The identifier itself, where all lines are of one element.
        lookup: How the identifier means an element.
        source: The source of the series.
        source_tag: A tag that names the source instead, where a line has it.
        unit_tag: A tag that names the unit, where a line has it.
        quality: A field that says how far the values of its line may be trusted.
        fields: By name; a field that is not named is left out. None: named as quantities.
        arrival_time: A line without a time stamp is taken as of its arrival.
    """

    measurement: str
    where: Members[str, str] = field(default_factory=dict)
    element_tag: str = "element"
    element: str = ""
    lookup: Lookup = BY_MRID
    source: str = DEFAULT_SOURCE
    source_tag: str = ""
    unit_tag: str = ""
    quality: str = ""
    fields: Members[str, FieldRule] | None = None
    arrival_time: bool = False

    def takes(self, measurement: str, tags: Members[str, str]) -> bool:
        """Whether a line is meant."""
        return fnmatchcase(measurement, self.measurement) and all(
            tags.get(tag) == value for tag, value in self.where.items()
        )

    def knows(self, name: str) -> bool:
        """Whether a field is a value; others are left out."""
        return self.fields is None or name in self.fields

    def target(
        self, model_set: str, tags: Members[str, str], name: str
    ) -> tuple[Target, Conversion]:
        """The series of a field, and how its values become those of the quantity.

        Raises:
            BadLine: a tag is missing, no quantity is called so, or the unit does not fit.
        """
        value = self.element or _tag(tags, self.element_tag)
        if self.lookup.by == "mrid":
            value = checks.mrid(value)
        said = FieldRule(quantity=name) if self.fields is None else self.fields[name]
        quantity = said.quantity or _tag(tags, said.quantity_tag)
        unit = tags.get(self.unit_tag, "") or said.unit
        source = tags.get(self.source_tag, "") or self.source
        address = Address(model_set, value, self.lookup)
        return Target(address, quantity, source), checks.converted(quantity, unit)


@dataclass(frozen=True, slots=True)
class Mapping:
    """Rules in the order in which they are tried.

    Attributes:
        rules: The rules, ours of the measurement `readings` last.
        into: The model set of everything; `""`: named like the bucket.
        buckets: bucket → model set, where their names differ.
        ignore: Measurements left out without a word; `*` and `?` as in file names.
        digest: Of the file's text, so that a changed mapping reads files again.
    """

    rules: tuple[Rule, ...]
    into: str = ""
    buckets: Members[str, str] = field(default_factory=dict)
    ignore: tuple[str, ...] = ()
    digest: str = ""

    def ignores(self, measurement: str) -> bool:
        """Whether lines of a measurement are left out."""
        return any(fnmatchcase(measurement, pattern) for pattern in self.ignore)

    def rule(self, measurement: str, tags: Members[str, str]) -> Rule:
        """The first rule that takes a line.

        Raises:
            BadLine: there is none.
        """
        for rule in self.rules:
            if rule.takes(measurement, tags):
                return rule
        raise BadLine(f"no rule of the mapping takes the measurement '{measurement}'")

    def model_set(self, bucket: str) -> str:
        """The model set that a bucket is, as far as the mapping says; `""` otherwise."""
        return self.buckets.get(bucket, "") or self.into


OURS: Final = Rule("readings", source_tag="source", unit_tag="unit", quality="quality")
DEFAULT: Final = Mapping((OURS,))


def read_mapping(path: Path) -> Mapping:
    """Read a mapping file.

    Raises:
        UnreadableInput: it is missing or no TOML.
        BadMapping: it says something that cannot be.
    """
    try:
        text = path.read_bytes()
        members = tomllib.loads(text.decode())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UnreadableInput(
            f"{path.name} cannot be read as a mapping: {error}",
            subject=str(path),
            hint="a mapping is a TOML file, see docs/reference/line-protocol.md",
        ) from error
    return mapping_of(members, path.name, hashlib.sha256(text).hexdigest())


def mapping_of(members: Members[str, Any], file: str = "the mapping", digest: str = "") -> Mapping:
    """Make a mapping of what a file says; `file` is named in errors.

    Raises:
        BadMapping: it says something that cannot be.
    """
    given = _Given(members, file)
    given.only("into", "source", "arrival_time", "buckets", "ignore", "rule")
    rules = given.value("rule", list, [])
    source = given.text("source", DEFAULT_SOURCE)
    arrival = given.value("arrival_time", bool, False)
    made = [
        _rule(_Given(rule, f"{file}, rule {number}"), source, arrival)
        for number, rule in enumerate(rules, start=1)
    ]
    ours = Rule(
        OURS.measurement,
        source=source,
        source_tag=OURS.source_tag,
        unit_tag=OURS.unit_tag,
        quality=OURS.quality,
        arrival_time=arrival,
    )
    return Mapping(
        rules=(*made, ours),
        into=given.text("into"),
        buckets=given.texts("buckets"),
        ignore=tuple(map(str, given.value("ignore", list, []))),
        digest=digest,
    )


def _tag(tags: Members[str, str], name: str) -> str:
    value = tags.get(name, "")
    if not value:
        raise BadLine(f"the tag '{name}' is missing")
    return value


def _rule(given: _Given, source: str, arrival: bool) -> Rule:
    given.only(
        *("measurement", "where", "element", "source", "unit_tag"),
        *("quality", "fields", "arrival_time"),
    )
    tag, element, lookup = _element(given)
    source_tag = ""
    if isinstance(given.members.get("source"), dict):
        own = given.inner("source")
        own.only("tag", "default")
        source_tag, source = own.text("tag"), own.text("default", source)
    else:
        source = given.text("source", source)
    fields = given.members.get("fields")
    return Rule(
        measurement=given.needed("measurement"),
        where=given.texts("where"),
        element_tag=tag,
        element=element,
        lookup=lookup,
        source=source,
        source_tag=source_tag,
        unit_tag=given.text("unit_tag"),
        quality=given.text("quality"),
        fields=None if fields is None else _fields(given.inner("fields")),
        arrival_time=given.value("arrival_time", bool, arrival),
    )


def _element(given: _Given) -> tuple[str, str, Lookup]:
    """The tag, the identifier itself, how to look it up."""
    if not isinstance(given.members.get("element"), dict):
        return given.text("element", "element"), "", BY_MRID
    own = given.inner("element")
    own.only("tag", "mrid", "by", "kind", "property", "follow")
    by = own.text("by", "property" if "property" in own.members else "mrid")
    if by not in BY:
        raise own.wrong(f"by = '{by}'", f"one of {', '.join(BY)}")
    kind = own.text("kind")
    if kind and not tables.known_kind(kind):
        raise own.wrong(f"kind = '{kind}'", "give a CIM class such as UsagePoint")
    lookup = Lookup(by, kind, own.text("property"), own.text("follow"))
    if (by == "property") != bool(lookup.property):
        raise own.wrong(f"by = '{by}'", 'a property goes with by = "property"')
    return own.text("tag", "element"), own.text("mrid"), lookup


def _fields(given: _Given) -> dict[str, FieldRule]:
    return {name: _field(given, name) for name in given.members}


def _field(given: _Given, name: str) -> FieldRule:
    if isinstance(given.members[name], str):
        made = FieldRule(quantity=given.text(name))
    else:
        own = given.inner(name)
        own.only("quantity", "unit")
        if isinstance(own.members.get("quantity"), dict):
            return FieldRule(
                quantity_tag=own.inner("quantity").needed("tag"), unit=own.text("unit")
            )
        made = FieldRule(quantity=own.needed("quantity"), unit=own.text("unit"))
    try:
        checks.converted(made.quantity, made.unit)
    except BadLine as error:
        raise given.wrong(f"{name}: {error}", "see docs/reference/kinds.md") from None
    return made


class _Given:
    """A table of the file, and where it stands."""

    def __init__(self, members: Any, place: str):
        self.place = place
        self.members: Members[str, Any] = members if isinstance(members, dict) else {}
        if not isinstance(members, dict):
            raise self.wrong(f"{members!r} stands where a table belongs", "write [name] or { ... }")

    def only(self, *names: str) -> None:
        """Refuse keys that mean nothing, since a misspelt one would be passed over."""
        for name in self.members:
            if name not in names:
                raise self.wrong(f"nothing is called '{name}' here", f"one of {', '.join(names)}")

    def value(self, name: str, kind: type, default: Any) -> Any:
        found = self.members.get(name, default)
        if not isinstance(found, kind):
            raise self.wrong(f"{name} = {found!r}", f"give a {kind.__name__}")
        return found

    def text(self, name: str, default: str = "") -> str:
        return str(self.value(name, str, default))

    def needed(self, name: str) -> str:
        found = self.text(name)
        if not found:
            raise self.wrong(f"'{name}' is missing", "see docs/reference/line-protocol.md")
        return found

    def texts(self, name: str) -> dict[str, str]:
        return {str(key): str(value) for key, value in self.value(name, dict, {}).items()}

    def inner(self, name: str) -> _Given:
        return _Given(self.members[name], f"{self.place}, {name}")

    def wrong(self, what: str, hint: str) -> BadMapping:
        return BadMapping(f"{self.place}: {what}", subject=self.place, hint=hint)
