"""The doorframe of every door: decide, record, Permit. Knows the law by its two judges and the log by its face."""

from .guard import Candidate, Guard
from .incidents import Incident, Incidents
from .permit import Permit
from .shadow import Shadow

__all__ = ["Candidate", "Guard", "Incident", "Incidents", "Permit", "Shadow"]
