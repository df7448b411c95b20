"""The document of operations: what operators switched, as a steady-state file like any other."""

from __future__ import annotations

from typing import Final
from uuid import NAMESPACE_URL, uuid5

from graph_service.domain.elements import Element
from graph_service.domain.statements import LITERAL, Document, Part, Statement
from graph_service.domain.switching import OPERATIONS_DOCUMENT

CIM: Final = "http://iec.ch/TC57/CIM100#"
MODEL: Final = "http://iec.ch/TC57/61970-552/ModelDescription/1#"
RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
PROFILE: Final = "http://iec.ch/TC57/ns/CIM/SteadyStateHypothesis-EU/3.0"


def document(model_set: str) -> Document:
    """The document as it begins, with a header that says where it comes from."""
    model_id = str(uuid5(NAMESPACE_URL, f"https://gridstrata.org/operations/{model_set}"))
    header = Part(
        mrid=model_id,
        types=(MODEL + "FullModel",),
        statements=(
            Statement(MODEL + "Model.description", LITERAL, "Positions set by operators"),
            Statement(MODEL + "Model.modelingAuthoritySet", LITERAL, "https://gridstrata.org"),
            Statement(MODEL + "Model.profile", LITERAL, PROFILE),
        ),
        identified_by="about urn:uuid:",
    )
    return Document(
        model_set=model_set,
        name=OPERATIONS_DOCUMENT,
        header=(header,),
        namespaces={"cim": CIM, "md": MODEL, "rdf": RDF},
        model_id=model_id,
        profiles=(PROFILE,),
        modeling_authority="https://gridstrata.org",
    )


def position(switch: Element, is_open: str) -> Part:
    """What the document states about one switch; `is_open` is `true` or `false`."""
    return Part(
        mrid=switch.mrid,
        types=(CIM + switch.kind,),
        statements=(Statement(CIM + "Switch.open", LITERAL, is_open),),
    )
