"""Tifinagh and Latin letters by the table of IRCAM, there and back without a loss. Knows letters; knows no word.

The way back is exact for every text, because what the table alone would confuse is marked by characters that
nobody sees:

- WORD JOINER stands before what was already Latin in the text, so that it stays Latin: ``XOR`` in a Tifinagh line.
- ZERO WIDTH NON-JOINER stands between two letters that would be read as one: ``g`` and ``h``, but not ``gh``.

Source: IRCAM, Graphie et orthographe de l'amazighe (2006); Unicode block 2D30-2D7F. Tuareg letters that IRCAM does
not have are left as they are, in both directions.
"""

from __future__ import annotations

import re
import unicodedata

__all__ = ["TO_LATIN", "latin_to_tifinagh", "tifinagh_to_latin"]

_IRCAM = dict(zip("ⴰⴱⴳⴷⴹⴻⴼⴽⵀⵃⵄⵅⵇⵉⵊⵍⵎⵏⵓⵔⵕⵖⵙⵚⵛⵜⵟⵡⵢⵣⵥⵯ", "abgdḍefkhḥɛxqijlmnurṛɣsṣctṭwyzẓʷ", strict=True))
_BEYOND = dict(zip("ⵒⵠⵞ", "pvč", strict=True))
TO_LATIN = _IRCAM | _BEYOND
"""Tifinagh letter -> Latin letter: the 33 of IRCAM (gʷ and kʷ are a letter and a mark) and three for borrowed words."""

_VARIANTS = {"γ": "ɣ", "ε": "ɛ", "ԑ": "ɛ", "â": "ɛ", "š": "c", "ħ": "ḥ", "o": "u", "ǧ": "dj", "ğ": "dj", "ţ": "tt"}
_DIGRAPHS = {"gh": "ɣ", "kh": "x", "ch": "c", "sh": "c", "ou": "u"}

# Kabyle keyboards write capital Epsilon as Sigma; Greek and Cyrillic look-alikes count only inside a Latin word.
_CAPITALS = {"Γ": "ɣ", "Ɣ": "ɣ", "Ɛ": "ɛ", "Ԑ": "ɛ", "Ε": "ɛ", "Σ": "ɛ"}

_JOINER, _BREAK = "\u2060", "\u200c"
_LATIN = "A-Za-z\u00aa\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02af\u02b0-\u02b8\u02e0-\u02e4\u1d00-\u1d25\u1d2c-\u1d5c"
_LATIN += "\u1d62-\u1d65\u1d6b-\u1d77\u1d79-\u1dbe\u1e00-\u1eff\u0300-\u036f\u2c60-\u2c7f\ua722-\ua787"
_LOOK_ALIKE = "γεΓΕΣԑԐ"
_RUN = f"[{_LATIN}{_LOOK_ALIKE}]+"
_OURS = "".join(TO_LATIN)

_MARKED = re.compile(f"({_RUN})(?=([{_OURS}])?)|[{_JOINER}{_BREAK}]|([ⴳⴽⵛⵙ])(?=ⵀ)")
_READ = re.compile(
    f"{_JOINER}([{_JOINER}{_BREAK}]|{_RUN})(?:(?<=[{_LATIN}{_LOOK_ALIKE}]){_BREAK})?|({_RUN}(?:{_BREAK}{_RUN})*)"
)
_PAIR = re.compile("|".join(_DIGRAPHS))
_TO_LATIN = str.maketrans(TO_LATIN)
_TO_TIFINAGH = str.maketrans({latin: tifinagh for tifinagh, latin in TO_LATIN.items()})
_READINGS = str.maketrans(_VARIANTS)
_LOWER = str.maketrans(_CAPITALS)


def tifinagh_to_latin(text: str, *, exact: bool = True) -> str:
    """``text`` with its Tifinagh letters in the Latin letters of IRCAM; everything else stays.

    ``latin_to_tifinagh`` gives back exactly ``text``, whatever it holds, unless ``exact`` is off: then no mark is
    set, and what was Latin before cannot be told from what became Latin. Linear in the length of ``text``.
    """
    if not exact:
        return text.translate(_TO_LATIN)
    return _MARKED.sub(_mark, text).translate(_TO_LATIN)


def latin_to_tifinagh(text: str) -> str:
    """``text`` with its Latin letters in Tifinagh; everything else stays. Linear in its length.

    Capitals and the usual variants are read too, which Tifinagh cannot tell apart afterwards: ``ɣ γ gh``, ``ɛ ε â``,
    ``c š ch sh``, ``x kh``, ``u o ou``, ``ǧ`` as ``dj``. Letters that the table has not stay Latin.
    """
    return _READ.sub(_read, text)


def _mark(found: re.Match[str]) -> str:
    run, glued, pair = found.groups()
    if run:
        return f"{_JOINER}{run}{_BREAK if glued else ''}"
    return f"{pair}{_BREAK}" if pair else f"{_JOINER}{found[0]}"


def _read(found: re.Match[str]) -> str:
    kept, run = found.groups()
    return kept or _tifinagh(run)


def _tifinagh(run: str) -> str:
    """A run of Latin letters in Tifinagh. A digraph broken by a mark is two letters."""
    if not run.strip(_LOOK_ALIKE):
        return run  # a Greek word
    letters = unicodedata.normalize("NFC", run).translate(_LOWER).lower()
    joined = _PAIR.sub(lambda pair: _DIGRAPHS[pair[0]], letters).replace(_BREAK, "")
    return joined.translate(_READINGS).translate(_TO_TIFINAGH)
