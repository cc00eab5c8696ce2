"""The assistant: a question becomes an answer whose every sentence points to its support. Uses the gateway by its face."""

from .answering import Assistant, Task
from .asked import Asked, Said
from .conversations import Conversation, Conversations, Opinion, Turn
from .embedding import GatewayEmbedder
from .evaluation import Asking, Evaluation, evaluate, fit, html, is_right, questions_of
from .events import Ended, Event, Shown
from .feedback import Feedback
from .model import GatewayModel
from .outcome import Because, Citation, Outcome, Sentence, Status, Step, ToolCall, status_of
from .planning import Planners, planner_of
from .ports import Composed, Meaning, ModelPort, Prompt, Streamed
from .shelving import collection_of, is_seen_by, shelve
from .tasks import tasks_of
from .toolbox import PackTools
from .wire import AssistantWire

__all__ = [
    "Asked", "Asking", "Assistant", "AssistantWire", "Because", "Citation", "Composed", "Conversation", "Conversations",
    "Ended", "Evaluation", "Event", "Feedback", "GatewayEmbedder", "GatewayModel", "Meaning", "ModelPort", "Opinion", "Outcome",
    "PackTools", "Planners", "Prompt", "Said", "Sentence", "Shown", "Status", "Step", "Streamed", "Task", "ToolCall", "Turn",
    "collection_of", "evaluate", "fit", "html", "is_right", "is_seen_by", "planner_of", "questions_of", "shelve", "status_of",
    "tasks_of",
]  # fmt: skip
