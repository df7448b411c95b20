"""Limits: what one query may ask, so that no caller can take the service from the others.

A document may have 5,000 tokens, 30 aliases and be 15 fields deep (introspection has a limit of
its own), and it may cost 30,000, counted as `api.cost` says.

Reading, checking and pricing a document is remembered by its text, so that a query sent again
costs next to nothing; the memories are bounded. The rules are made once, at import.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from typing import Any, Final, Generic, TypeVar

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    SelectionSetNode,
    ValidationContext,
    ValidationRule,
    parse,
    specified_rules,
    validate,
)
from graphql.validation import recommended_rules
from strawberry.extensions import SchemaExtension
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from graph_service.api.cost import cost_of
from graph_service.api.errors import (
    PARSE_FAILED,
    TOO_COSTLY,
    TOO_DEEP,
    TOO_LONG,
    TOO_MANY_ALIASES,
    extensions,
)

MOST_TOKENS: Final = 5_000
MOST_ALIASES: Final = 30
MOST_DEPTH: Final = 15
MOST_COST: Final = 30_000
MOST_VARIABLE_DEPTH: Final = 20

_REMEMBERED: Final = 500
_MOST_ERRORS: Final = 20

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class DepthRule(ValidationRule):
    """No deeper than MOST_DEPTH; introspection is left to the rule made for it."""

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self._depths: dict[str, int] = {}

    def enter_operation_definition(self, node: OperationDefinitionNode, *_: Any) -> None:
        """Measure each operation, fragments spread out."""
        depth = self._depth(node.selection_set)
        if depth > MOST_DEPTH:
            message = f"the query is {depth} fields deep, at most {MOST_DEPTH} are answered"
            found = extensions(TOO_DEEP, hint="start a second query at an inner element")
            self.report_error(GraphQLError(message, node, extensions=found))

    def _depth(self, selected: SelectionSetNode) -> int:
        return max(map(self._depth_of, selected.selections), default=0)

    def _depth_of(self, node: Any) -> int:
        if isinstance(node, FragmentSpreadNode):
            return self._fragment(node.name.value)
        below = self._depth(node.selection_set) if node.selection_set else 0
        if isinstance(node, FieldNode):
            return 0 if node.name.value.startswith("__") else below + 1
        return below

    def _fragment(self, name: str) -> int:
        if name not in self._depths:
            self._depths[name] = 0  # a fragment within itself is another rule's error
            fragment = self.context.get_fragment(name)
            self._depths[name] = self._depth(fragment.selection_set) if fragment else 0
        return self._depths[name]


class AliasRule(ValidationRule):
    """No more than MOST_ALIASES in a document."""

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self._count = 0

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        """Count, and say so once, at the first too many."""
        self._count += node.alias is not None
        if node.alias and self._count == MOST_ALIASES + 1:
            message = f"the document has more than {MOST_ALIASES} aliases"
            hint = "ask for several elements at once with `nodes(ids: [...])`"
            found = extensions(TOO_MANY_ALIASES, hint=hint)
            self.report_error(GraphQLError(message, node, extensions=found))


RULES: Final = (
    *specified_rules,
    *recommended_rules,
    MaybeNullValidationRule,
    OneOfInputValidationRule,
    DepthRule,
    AliasRule,
)


class Memory(Generic[K, V]):
    """The last few hundred answers of a pure function, by a key."""

    def __init__(self, size: int = _REMEMBERED) -> None:
        self._size = size
        self._kept: OrderedDict[K, V] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: K, make: Callable[[], V]) -> V:
        """What is remembered for the key, or what `make` gives now; an error is not kept."""
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        value = self._kept[key] = make()
        if len(self._kept) > self._size:
            self._kept.popitem(last=False)
        return value


class Limits(SchemaExtension):
    """Reads and checks documents with a memory, and refuses what costs too much."""

    def on_parse(self) -> Iterator[None]:
        """Take the document from memory, or read it."""
        context = self.execution_context
        text = context.query
        if text and context.graphql_document is None:
            context.graphql_document = document_of(text)
        yield

    def on_validate(self) -> Iterator[None]:
        """Take the verdict from memory, or check the document; then see what it may cost."""
        context = self.execution_context
        schema, document = context.schema._schema, context.graphql_document
        if document is not None:
            key = (id(schema), context.query or "")
            errors = _verdicts.get(key, lambda: check(schema, document))
            context.pre_execution_errors = errors or self._too_much(schema, document)
        yield

    def _too_much(self, schema: GraphQLSchema, document: DocumentNode) -> list[GraphQLError]:
        context = self.execution_context
        variables = context.variables or {}
        if _is_nested(variables, MOST_VARIABLE_DEPTH):
            message = f"the variables are nested more than {MOST_VARIABLE_DEPTH} levels deep"
            return [GraphQLError(message, extensions=extensions(TOO_DEEP))]
        numbers = frozenset((n, v) for n, v in variables.items() if type(v) is int)
        name = context.operation_name
        key = (id(schema), context.query or "", name, numbers)
        cost = _costs.get(key, lambda: cost_of(schema, document, name, variables))
        if cost <= MOST_COST:
            return []
        message = f"the query may cost {cost}, at most {MOST_COST} are answered"
        hint = "ask for shorter pages (`first`), or follow fewer lists inside lists"
        found = extensions(TOO_COSTLY, subject=str(cost), hint=hint)
        return [GraphQLError(message, extensions=found)]


def document_of(text: str) -> DocumentNode:
    """A document, from memory where it was read before.

    Raises:
        GraphQLError: as `read` says.
    """
    return _documents.get(text, lambda: read(text))


def read(text: str) -> DocumentNode:
    """Parse a document.

    Raises:
        GraphQLError: it is no GraphQL, too long, or nested too deeply to be read.
    """
    try:
        return parse(text, max_tokens=MOST_TOKENS)
    except GraphQLError as error:
        code, hint = PARSE_FAILED, "see `locations` for the line and column"
        if "more than" in error.message and "tokens" in error.message:
            code, hint = TOO_LONG, "send values as variables, or ask in several queries"
        elif "nested too deeply" in error.message:
            code, hint = TOO_DEEP, "ask in several smaller queries"
        error.extensions = extensions(code, hint=hint)
        raise


def check(schema: GraphQLSchema, document: DocumentNode) -> list[GraphQLError]:
    """Everything that is wrong with a document, up to twenty errors."""
    return validate(schema, document, RULES, max_errors=_MOST_ERRORS)


def _is_nested(value: object, levels: int) -> bool:
    if not isinstance(value, (dict, list)):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_is_nested(item, levels - 1) for item in inner)


_documents: Final[Memory[str, DocumentNode]] = Memory()
_verdicts: Final[Memory[tuple[int, str], list[GraphQLError]]] = Memory()
_costs: Final[Memory[tuple[int, str, str | None, frozenset[tuple[str, int]]], int]] = Memory()
