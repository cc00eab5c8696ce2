"""Guichet's tokens: marks of a conversation, every byte, and every character of its lesson. Knows no weights.

This is the ``llama`` tokenizer of GGUF without any merge: a character that has no token of its own is written in bytes.
"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["ASSISTANT", "BEGIN", "BYTES", "END", "MARKS", "TEMPLATE", "UNKNOWN", "Vocabulary"]

MARKS = ("<unk>", "<s>", "<|end|>", "<|user|>", "<|assistant|>", "<|system|>")
UNKNOWN, BEGIN, END, USER, ASSISTANT, SYSTEM = range(len(MARKS))
BYTES = len(MARKS)
"""The token of byte 0; the others follow it."""

_FIRST = BYTES + 256
# The tokenizer writes a space so.
_SPACE = "\u2581"
_ROLES = {"user": USER, "assistant": ASSISTANT, "system": SYSTEM}

TEMPLATE = (
    "{%- for message in messages -%}"
    "{{- '<|' + message['role'] + '|>' + message['content'] + '<|end|>' -}}"
    "{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{- '<|assistant|>' -}}{%- endif -%}"
)
"""How a conversation is written, in Jinja, as the file carries it."""


class Vocabulary:
    """The tokens of a lesson, by number; ``pieces`` holds them as GGUF writes them."""

    def __init__(self, texts: Iterable[str]) -> None:
        characters = sorted(set("".join(texts).replace(" ", _SPACE)))
        self.pieces = [*MARKS, *(f"<0x{byte:02X}>" for byte in range(256)), *characters]
        self._number = {character: _FIRST + place for place, character in enumerate(characters)}

    def encode(self, text: str) -> list[int]:
        """The tokens of a text."""
        tokens: list[int] = []
        for character in text.replace(" ", _SPACE):
            known = self._number.get(character)
            tokens += [known] if known is not None else [BYTES + byte for byte in character.encode()]
        return tokens

    def decode(self, tokens: Iterable[int]) -> str:
        """The text of tokens; marks are not part of it."""
        text = bytearray()
        for token in tokens:
            if token >= _FIRST:
                text += self.pieces[token].encode()
            elif token >= BYTES:
                text.append(token - BYTES)
        return text.decode(errors="replace").replace(_SPACE, " ")

    def message(self, role: str, text: str) -> list[int]:
        """One message of a conversation, as ``TEMPLATE`` writes it."""
        return [_ROLES[role], *self.encode(text), END]
