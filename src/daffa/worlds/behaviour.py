"""How a simulated provider behaves, well or badly. Knows no socket and no answer."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Behaviour"]


@dataclass(slots=True)
class Behaviour:
    """What a provider does to its answers. Read anew for each answer, so that a test may turn it at any time.

    Attributes:
        delay: seconds before the first byte of an answer.
        gap: seconds before each event of a stream.
        chunks: pieces that the text of a stream is cut into; ``None`` for one a word.
        chunk_bytes: bytes a TCP write; ``None`` for one write an answer or event.
        trickle: seconds after each TCP write.
        flood: bytes of filling that a stream carries before its text, in events of 64 KiB, as fast as they are read.
        crlf: lines of a stream end with CR LF, not LF.
        comments: a comment line stands before each event of a stream.
        omit_usage: no tokens are counted, asked or not.
        omit_done: a stream ends without ``[DONE]``.
        fail_status: every request is answered by this HTTP error (429, 500, 503...).
        retry_after: seconds, the ``Retry-After`` header of such an error.
        hang: a request is read and never answered.
        mid_stream_error: a stream breaks off with an error event after this many pieces.
        reset_after_bytes: the connection is reset after this many bytes of body; 0 resets before the head.
        wrong_content_type: said in place of the true content type.
        broken_json: the JSON of an answer, or of each event, lacks its last byte.
        close: the connection is closed after each answer.
        language: ``en``, ``fr`` or ``ar``, of the sentence around the echo.
    """

    delay: float = 0.0
    gap: float = 0.0
    chunks: int | None = None
    chunk_bytes: int | None = None
    trickle: float = 0.0
    flood: int = 0
    crlf: bool = False
    comments: bool = False
    omit_usage: bool = False
    omit_done: bool = False
    fail_status: int | None = None
    retry_after: int | None = None
    hang: bool = False
    mid_stream_error: int | None = None
    reset_after_bytes: int | None = None
    wrong_content_type: str | None = None
    broken_json: bool = False
    close: bool = False
    language: str = "en"
