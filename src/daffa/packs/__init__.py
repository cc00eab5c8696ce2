"""Packs of a sector: documents, glossary, dated parameters, tools, letters, forms, questions. Data, never core code."""

from .beginning import begin
from .bringing import Brought, bring
from .finding import Finding, Severity
from .linting import lint
from .pack import Origin, Pack, PackDocument, PackQuestion
from .parameters import Parameters
from .places import discovered, installed, origin_of, shipped
from .reading import read_pack
from .result import Result, Used, Value
from .shelf import Arrival, Shelf, stage
from .tool import At, Tool, asked
from .tools import ToolCard, Tools
from .trial import Trial, trials

__all__ = [
    "Arrival",
    "At",
    "Brought",
    "Finding",
    "Origin",
    "Pack",
    "PackDocument",
    "PackQuestion",
    "Parameters",
    "Result",
    "Severity",
    "Shelf",
    "Tool",
    "ToolCard",
    "Tools",
    "Trial",
    "Used",
    "Value",
    "asked",
    "begin",
    "bring",
    "discovered",
    "installed",
    "lint",
    "origin_of",
    "read_pack",
    "shipped",
    "stage",
    "trials",
]
