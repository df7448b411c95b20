"""Answers without ceremony: parts of an answer that are plain attributes are read in one go.

The executor of graphql-core asks for every single value whether it must be waited for, and
builds a path and an info object for it; an answer of a hundred steps pays that six hundred
times. Where a field and everything below it is a plain attribute (no resolver, no argument, no
interface), nothing can be awaited, and `QuickExecution` reads the attributes directly: the same
answer at a fifth of the time. On any irregularity (a null where none may be, a value that does
not fit its type) it leaves the selection to the ordinary executor, which finds it again and says
so in its usual words.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from inspect import isawaitable
from typing import Any, Final, NamedTuple

from graphql import (
    GraphQLField,
    GraphQLNonNull,
    GraphQLObjectType,
    is_leaf_type,
    is_list_type,
    is_object_type,
)
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField

Read = Callable[[Any], Any]
"""Gives the finished value of an attribute's value."""


class Step(NamedTuple):
    """One plain key of a selection: its name in the answer, its attribute, how it is finished."""

    key: str
    attribute: str
    read: Read


class Plan(NamedTuple):
    """A selection, parted: keys read at once, and the rest for the ordinary executor."""

    order: tuple[str, ...]
    quick: tuple[Step, ...]
    rest: dict[str, Any]


class Irregular(Exception):
    """The quick way cannot give this value."""


class QuickExecution(StrawberryGraphQLCoreExecutionContext):
    """The executor of strawberry with a short way for plain attributes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._plans: dict[tuple[str, int], tuple[Any, Plan]] = {}
        if self.middleware_manager is not None and not self.middleware_manager.middlewares:
            self.middleware_manager = None

    def build_per_event_executor(self, payload: Any) -> Any:
        """A copy for one event of a subscription, which is forgotten with the event.

        A copy shares what is remembered of selections; each event has selections of its own, so
        that all of them would be kept for as long as the subscription lasts.
        """
        executor = super().build_per_event_executor(payload)
        if isinstance(executor, QuickExecution):
            executor._plans = {}
            executor._relevant_sub_fields = {}
        return executor

    def execute_fields(
        self,
        parent_type: GraphQLObjectType,
        source_value: Any,
        path: Any,
        grouped_field_set: Any,
        position_context: Any,
    ) -> Any:
        """Read what is plain at once; leave the rest to the ordinary executor."""
        plan = self._plan(parent_type, grouped_field_set)
        try:
            quick = _read(plan, source_value)
        except (Irregular, AttributeError, TypeError, ValueError):
            quick, plan = {}, Plan((), (), grouped_field_set)
        if not plan.rest:
            return quick
        rest = super().execute_fields(parent_type, source_value, path, plan.rest, position_context)
        if not quick:
            return rest
        return _joined_later(plan, quick, rest) if isawaitable(rest) else _joined(plan, quick, rest)

    def _plan(self, parent: GraphQLObjectType, selected: Any) -> Plan:
        key = (parent.name, id(selected))
        known = self._plans.get(key)
        if known is None:  # `selected` is kept, so that its id stays its own
            known = self._plans[key] = (selected, self._make(parent, selected))
        return known[1]

    def _make(self, parent: GraphQLObjectType, selected: Any) -> Plan:
        quick, rest = [], {}
        for key, details in selected.items():
            field = parent.fields.get(details[0].node.name.value)
            attribute = _attribute(field) if field is not None else None
            read = self._reader(field.type, details) if field and attribute else None
            if attribute is None or read is None:
                rest[key] = details
            else:
                quick.append(Step(key, attribute, read))
        return Plan(tuple(selected), tuple(quick), rest)

    def _reader(self, kind: Any, details: Any) -> Read | None:
        if isinstance(kind, GraphQLNonNull):
            inner = self._value_reader(kind.of_type, details)
            return inner and _never_null(inner)
        inner = self._value_reader(kind, details)
        return inner and _maybe_null(inner)

    def _value_reader(self, kind: Any, details: Any) -> Read | None:
        if is_leaf_type(kind):
            coerce: Read = kind.coerce_output_value
            return coerce
        if is_list_type(kind):
            item = self._reader(kind.of_type, details)
            return item and _list_of(item)
        if is_object_type(kind):
            subfields = self.collect_subfields(kind, details).grouped_field_set
            plan = self._plan(kind, subfields)
            return None if plan.rest else _object(plan)
        return None


def _read(plan: Plan, source: Any) -> dict[str, Any]:
    return {key: read(getattr(source, attribute)) for key, attribute, read in plan.quick}


def _joined(plan: Plan, quick: dict[str, Any], rest: dict[str, Any]) -> dict[str, Any]:
    both = quick | rest
    return {key: both[key] for key in plan.order if key in both}


async def _joined_later(
    plan: Plan, quick: dict[str, Any], rest: Awaitable[dict[str, Any]]
) -> dict[str, Any]:
    return _joined(plan, quick, await rest)


def _attribute(field: GraphQLField) -> str | None:
    """The attribute a field is read from; None where it has a resolver or arguments."""
    definition = field.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    if not isinstance(definition, StrawberryField) or not definition.is_basic_field:
        return None
    return None if definition.extensions or field.args else definition.python_name


def _never_null(read: Read) -> Read:
    def finished(value: Any) -> Any:
        if value is None:
            raise Irregular
        return read(value)

    return finished


def _maybe_null(read: Read) -> Read:
    return lambda value: None if value is None else read(value)


def _list_of(read: Read) -> Read:
    def finished(values: Any) -> list[Any]:
        if not isinstance(values, Sequence) or isinstance(values, str):
            raise Irregular
        return [read(value) for value in values]

    return finished


def _object(plan: Plan) -> Read:
    return lambda source: _read(plan, source)


__all__: Final = ["QuickExecution"]
