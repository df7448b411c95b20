"""What a query may cost at most, reckoned before it runs.

Every object that can be in the answer costs 1, beside that a field that walks the network or
sums series has a price. Both count once for every entry of the lists around them: as many as
`first` says, or `UNBOUNDED_LIST` where a list takes no `first`. Plain values cost nothing.
Introspection has a limit of its own and costs nothing here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
)

UNBOUNDED_LIST: Final = 20
"""How many entries a list is taken to have that takes no `first`."""

PRICES: Final[Mapping[str, int]] = {
    "Query.trace": 50,
    "Query.series": 20,
    "Query.readingsOver": 20,
    "Query.quality": 20,
    "Trace.quality": 20,
    "Element.quality": 5,
    "Query.forecast": 50,
    "Query.backtest": 50,
    "Query.faultLocation": 50,
    "Query.faultRehearsal": 50,
    "Trace.forecast": 50,
    "Element.forecast": 20,
    "Query.store": 20,
    "Query.timeline": 20,
    "Query.timelineHistogram": 20,
    "Query.around": 50,
    "TimelineEntryConnection.availableRange": 20,
    "TimelineHistogram.availableRange": 20,
    "Around.availableRange": 20,
    "DataQuality.availableRange": 5,
    "ScopeQuality.availableRange": 20,
    "Trace.onward": 50,
    "Trace.series": 20,
    "Trace.readings": 20,
    "Element.series": 5,
    "Element.readings": 5,
    "ElementConnection.totalCount": 20,
    "ElementConnection.countByKind": 20,
}
"""What a field costs beside the objects it returns."""


def cost_of(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation_name: str | None,
    variables: Mapping[str, Any],
) -> int:
    """The most that an operation of a valid document can cost."""
    operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    for operation in operations:
        if operation_name in (None, operation.name and operation.name.value):
            root = schema.get_root_type(operation.operation)
            reckoner = _Reckoner(schema, document, _defaults(operation) | dict(variables))
            return reckoner.selection(root, operation.selection_set, None) if root else 0
    return 0


class _Reckoner:
    """Adds up one operation. `pending` is a `first` that has not met its list yet."""

    def __init__(
        self, schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any]
    ) -> None:
        self._schema = schema
        self._variables = variables
        self._spread: dict[tuple[str, int | None], int] = {}
        self._fragments = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }

    def selection(self, parent: Any, selected: SelectionSetNode, pending: int | None) -> int:
        return sum(self._node(parent, node, pending) for node in selected.selections)

    def _node(self, parent: Any, node: Any, pending: int | None) -> int:
        if isinstance(node, FieldNode):
            return self._field(parent, node, pending)
        if isinstance(node, FragmentSpreadNode):
            return self._fragment(node.name.value, pending)
        return self._inline(parent, node, pending)

    def _inline(self, parent: Any, node: InlineFragmentNode, pending: int | None) -> int:
        condition = node.type_condition
        inner = self._schema.get_type(condition.name.value) if condition else parent
        return self.selection(inner, node.selection_set, pending)

    def _fragment(self, name: str, pending: int | None) -> int:
        if (name, pending) not in self._spread:
            fragment = self._fragments[name]
            inner = self._schema.get_type(fragment.type_condition.name.value)
            self._spread[name, pending] = self.selection(inner, fragment.selection_set, pending)
        return self._spread[name, pending]

    def _field(self, parent: Any, node: FieldNode, pending: int | None) -> int:
        name = node.name.value
        field = parent.fields.get(name)
        if name.startswith("__") or field is None:
            return 0
        price = PRICES.get(f"{parent.name}.{name}", 0)
        inner = get_named_type(field.type)
        if is_leaf_type(inner) or node.selection_set is None:
            return price
        first = self._first(field, node)
        is_list = is_list_type(get_nullable_type(field.type))
        if not is_list:
            wait = pending if first is None else first
            return price + 1 + self.selection(inner, node.selection_set, wait)
        times = next((n for n in (first, pending) if n is not None), UNBOUNDED_LIST)
        return price + times * (1 + self.selection(inner, node.selection_set, None))

    def _first(self, field: GraphQLField, node: FieldNode) -> int | None:
        """How many entries the field is asked for; None where it takes no such argument."""
        given = {argument.name.value: argument.value for argument in node.arguments or ()}
        if "ids" in given:
            return self._length(given["ids"])
        number = self._number(given["first"]) if "first" in given else None
        if number is not None or "first" not in field.args:
            return number
        default = field.args["first"].default_value
        return default if isinstance(default, int) else None

    def _number(self, value: Any) -> int | None:
        if isinstance(value, IntValueNode):
            return max(0, int(value.value))
        number = self._variables.get(value.name.value) if isinstance(value, VariableNode) else None
        return max(0, number) if isinstance(number, int) else None

    def _length(self, value: Any) -> int:
        if isinstance(value, ListValueNode):
            return len(value.values)
        ids = self._variables.get(value.name.value) if isinstance(value, VariableNode) else None
        return len(ids) if isinstance(ids, list) else 1


def _defaults(operation: OperationDefinitionNode) -> dict[str, Any]:
    """The integer defaults of an operation's variables."""
    return {
        definition.variable.name.value: int(definition.default_value.value)
        for definition in operation.variable_definitions or ()
        if isinstance(definition.default_value, IntValueNode)
    }
