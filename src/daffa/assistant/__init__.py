"""The assistant: a question becomes an answer whose every sentence points to its support. Uses the gateway by its face."""

from .outcome import Because, Citation, Outcome, Sentence, Status, Step, ToolCall

__all__ = ["Because", "Citation", "Outcome", "Sentence", "Status", "Step", "ToolCall"]
