"""What all protocols of OpenAI's share: how a body is read field by field, errors, usage, and where its texts stand."""

from ..fields import UNREADABLE, Fields, object_text
from .shapes import (
    EFFORTS,
    data_url,
    error_body,
    error_message,
    error_object,
    invalid,
    media_of,
    message_in,
    metadata_left,
    prefixed,
    refuse_respelled,
    together,
    upstream_error,
    usage_of,
    with_description,
    without_declarations,
)
from .texts import texts
from .turns import as_turns

__all__ = [
    "EFFORTS",
    "UNREADABLE",
    "Fields",
    "as_turns",
    "data_url",
    "error_body",
    "error_message",
    "error_object",
    "invalid",
    "media_of",
    "message_in",
    "metadata_left",
    "object_text",
    "prefixed",
    "refuse_respelled",
    "texts",
    "together",
    "upstream_error",
    "usage_of",
    "with_description",
    "without_declarations",
]
