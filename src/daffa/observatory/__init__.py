"""How much is used, how dependent the country is, and what a cut-off would take. Looks at the log; lets nothing out."""

from .catalogue import Catalogue
from .cut import Cut
from .dependence import EVERY_STATE, Amount, Dependence, Month, Share, measure
from .drill import FATES, Drill, Group, Lost, run_drill
from .flow import Flow
from .observatory import LEFT_OUT, Footing, Observatory
from .period import ALWAYS, Period
from .recorded import Recorded
from .usage import KINDS, SEALED, Usage, UsageRow, sum_usage

__all__ = [
    "ALWAYS", "EVERY_STATE", "FATES", "KINDS", "LEFT_OUT", "SEALED", "Amount", "Catalogue", "Cut", "Dependence", "Drill",
    "Flow", "Footing", "Group", "Lost", "Month", "Observatory", "Period", "Recorded", "Share", "Usage", "UsageRow", "measure",
    "run_drill", "sum_usage",
]  # fmt: skip
