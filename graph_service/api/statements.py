"""What the documents say about an element, word for word."""

from __future__ import annotations

import strawberry

from graph_service.domain.statements import Part, local_name


@strawberry.type(description="One property of one element, as one document gives it.")
class StatedProperty:
    """A statement."""

    name: str = strawberry.field(description="The local name, such as `Switch.normalOpen`.")
    uri: str
    form: str = strawberry.field(
        description="'' a literal, '<' a URI, '&' and the prefix as written a reference, "
        "'@en' text in a language, '^uri' a literal with a datatype."
    )
    value: str


@strawberry.type(description="All that one document states about one element.")
class StatedPart:
    """A part."""

    document: str
    kinds: list[str]
    section: str = strawberry.field(
        description="The section of a difference model it stands in; empty for what is."
    )
    line: int = strawberry.field(description="Where it begins in its file; 0 if not from a file.")
    properties: list[StatedProperty]


def stated(document: str, part: Part) -> StatedPart:
    """A part as the schema shows it."""
    return StatedPart(
        document=document,
        kinds=[local_name(uri) for uri in part.types],
        section=part.section,
        line=part.line,
        properties=[
            StatedProperty(name=local_name(uri), uri=uri, form=form, value=value)
            for uri, form, value in part.statements
        ],
    )
