"""What the assistant does with a person's own text: summarise it, draft a letter, translate it, fill a form from it.

Under the label of the question like any answer: the text stands in the request that was labelled. Knows no wire and no store.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from daffa.packs import Pack

from ..answering import Task
from ..ports import ModelPort, PlansOf
from .draft import Draft
from .fill import Fill
from .summarise import Summarise
from .translate import Translate

__all__ = ["tasks_of"]


def tasks_of(packs: Callable[[], Mapping[str, Pack]], plans: PlansOf, model: ModelPort | None) -> Mapping[str, Task]:
    """The tasks by name.

    ``packs`` says which there are, by id, whenever one is asked for: they come and go; ``model``: ``None`` where there is none.
    """
    return {
        "summarise": Summarise(plans, model),
        "draft": Draft(packs, model),
        "translate": Translate(model),
        "fill": Fill(packs),
    }
