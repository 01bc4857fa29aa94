"""Limits: what one request may ask for, told from its text before anything is looked up or even validated.

Every fragment is weighed once, however often it is spread: walking each spread anew, as the usual limiters do, takes
time that doubles with every fragment.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    IntValueNode,
    NullValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
)
from strawberry import Schema
from strawberry.extensions import SchemaExtension
from strawberry.types.field import StrawberryField

from backend.api.graphql.pages import MOST_A_PAGE, USUAL_PAGE

MOST_BYTES = 50_000
"""Of a request's body: the text of the question and its variables."""

MOST_CHARACTERS = 20_000
MOST_TOKENS = 1_000
MOST_FIELDS = 300
"""As they are written, in all fragments together: to compare each with each must take no time."""

MOST_ALIASES = 30
MOST_DEPTH = 5
MOST_DEPTH_OF_INTROSPECTION = 16
"""That of GraphiQL's own question, and a little more."""

MOST_COST = 10_000
QUESTION_COST = 500
"""Of a question to the lake, in values of an answer, which cost 1 each."""

SCHEMA_COST = 1_000
"""Of a question about the schema."""

MOST_COST_OF_INTROSPECTION = 150_000
"""GraphiQL's own question has two thirds of it."""

_NESTED = 24
"""Selections in each other, with those of fragments; what is deeper is refused before it is weighed."""

_LISTS = {
    "types": 40,
    "fields": 10,
    "args": 6,
    "inputFields": 6,
    "enumValues": 5,
    "directives": 6,
    "locations": 4,
}
"""How many of each introspection tells at most, about."""


@dataclass(frozen=True)
class Weight:
    """How much is asked for. introspection: the cost of what is asked about the schema."""

    depth: int = 0
    cost: int = 0
    aliases: int = 0
    introspection: int = 0

    def beside(self, other: "Weight") -> "Weight":
        """Both together."""
        return Weight(
            max(self.depth, other.depth),
            self.cost + other.cost,
            self.aliases + other.aliases,
            self.introspection + other.introspection,
        )


class Scales:
    """Weighs one document. Raises GraphQLError for one that asks for too much."""

    def __init__(self, document: DocumentNode, variables: Mapping[str, Any], questions: Collection[str]) -> None:
        definitions = document.definitions
        self._fragments = {one.name.value: one for one in definitions if isinstance(one, FragmentDefinitionNode)}
        self._operations = [one for one in definitions if isinstance(one, OperationDefinitionNode)]
        self._variables, self._questions = variables, questions
        self._known: dict[str, Weight | None] = {}
        self._fields = 0

    def check(self) -> None:
        """Weighs every operation and every fragment, used or not."""
        for name in self._fragments:
            self._fragment(name, 0)
        for operation in self._operations:
            weight = self._selections(operation.selection_set, 0)
            _refuse_more(weight.depth, MOST_DEPTH, "levels")
            _refuse_more(weight.aliases, MOST_ALIASES, "aliases")
            _refuse_more(weight.cost, MOST_COST, "points of complexity")
            _refuse_more(weight.introspection, MOST_COST_OF_INTROSPECTION, "points of complexity of introspection")

    def _selections(self, selected: SelectionSetNode | None, level: int) -> Weight:
        if level > _NESTED:
            raise GraphQLError(f"The question is nested more than {_NESTED} deep.")
        weight = Weight()
        for selection in selected.selections if selected else ():
            weight = weight.beside(self._selection(selection, level))
        return weight

    def _selection(self, selection: SelectionNode, level: int) -> Weight:
        if isinstance(selection, FieldNode):
            return self._field(selection, level)
        if isinstance(selection, FragmentSpreadNode):
            return self._fragment(selection.name.value, level)
        return self._selections(
            selection.selection_set if isinstance(selection, InlineFragmentNode) else None, level + 1
        )

    def _fragment(self, name: str, level: int) -> Weight:
        if name not in self._fragments:
            return Weight()  # validation tells of it
        if name not in self._known:
            self._known[name] = None
            self._known[name] = self._selections(self._fragments[name].selection_set, level + 1)
        weight = self._known[name]
        if weight is None:
            raise GraphQLError(f"Fragment {name[:60]!r} contains itself.")
        return weight

    def _field(self, field: FieldNode, level: int) -> Weight:
        self._fields += 1
        _refuse_more(self._fields, MOST_FIELDS, "fields")
        name = field.name.value
        inner = self._selections(field.selection_set, level + 1)
        cost = 1 + inner.cost * self._rows(field)
        aliases = inner.aliases + (field.alias is not None)
        if name in ("__schema", "__type"):
            _refuse_more(inner.depth + 1, MOST_DEPTH_OF_INTROSPECTION, "levels of introspection")
            return Weight(1, SCHEMA_COST, aliases, cost)
        return Weight(
            inner.depth + 1,
            cost + (QUESTION_COST if name in self._questions else 0),
            aliases,
            inner.introspection,
        )

    def _rows(self, field: FieldNode) -> int:
        """How often what is selected in a field may be told."""
        name = field.name.value
        if name not in self._questions:
            return _LISTS.get(name, 1)
        limits = [one.value for one in field.arguments or () if one.name.value == "limit"]
        return self._limit(limits[0]) if limits else USUAL_PAGE

    def _limit(self, value: ValueNode) -> int:
        if isinstance(value, NullValueNode):
            return USUAL_PAGE
        told: object = None
        if isinstance(value, IntValueNode) and len(value.value) < len("1000000"):
            told = int(value.value)
        elif isinstance(value, VariableNode):
            told = self._variables.get(value.name.value)
        return max(1, min(told, MOST_A_PAGE)) if isinstance(told, int) else MOST_A_PAGE


class Limits(SchemaExtension):
    """Refuses what asks for too much."""

    def on_operation(self) -> Iterator[None]:
        """Bounds what is parsed."""
        options = cast("dict[str, int]", self.execution_context.parse_options)
        options.update(max_lexical_tokens=MOST_TOKENS, max_source_length=MOST_CHARACTERS)
        yield

    def on_parse(self) -> Iterator[None]:
        """Weighs what was parsed, before it is validated."""
        yield
        context = self.execution_context
        if context.graphql_document is not None:
            questions = _questions(context.schema)
            Scales(context.graphql_document, context.variables or {}, questions).check()


def _questions(schema: Schema) -> Collection[str]:
    """The names of what may be asked, each of which costs a question to the lake."""
    name_of = schema.config.name_converter.get_graphql_name
    fields: Iterable[StrawberryField] = schema.query.__strawberry_definition__.fields  # type: ignore[attr-defined]
    return {name_of(field) for field in fields}


def _refuse_more(number: int, most: int, what: str) -> None:
    if number > most:
        raise GraphQLError(f"The question has more than {most:,} {what}; ask for less at a time.")
