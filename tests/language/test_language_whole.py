"""The room as one: every function takes any text, threads share it, the hash seed of Python does not matter."""

import os
import subprocess
import sys
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daffa import language
from daffa.errors import Invalid
from daffa.language import stemming

FUNCTIONS = {
    "identify": language.identify,
    "identify_many": lambda text: language.identify_many([text, "", text]),
    "spans": language.spans,
    "by_sentence": language.by_sentence,
    "arabizi_candidates": language.arabizi_candidates,
    "repair": language.repair,
    "repair_lines": lambda text: language.repair_lines(text.split("\n")),
    "tifinagh_to_latin": language.tifinagh_to_latin,
    "latin_to_tifinagh": language.latin_to_tifinagh,
    "latin_names": language.latin_names,
    "name_key": language.name_key,
    "convert_digits": language.convert_digits,
    "strip_marks": language.strip_marks,
    "isolate": language.isolate,
    "base_direction": language.base_direction,
    "normalise": language.normalise,
    "normalise_with_map": language.normalise_with_map,
    "sentences": language.sentences,
    "stem": lambda text: [language.stem(text, name) for name in ("ar", "ary-Arab", "ary-Latn", "zgh", "fr", "en", "es", text)],
}
PIECES = (
    "\ud800 \udfff \x00 \n \r \u2028 \x85 \u200b \u200d \u202e \u2066 \u0301 e\u0301 \u0654 \u0640 \u064e 👩‍👧 𝔟 ｂ １ ٣ 3 7 "
    "12 / . ؟ ، ' ’ - ( ) @ ال لا ﻻ األ عبد بن ⴰ ⵯ ⴳⵀ salam ch kh gh AB art. n° l' رقم هللا 가 ﷺ ß İ ŉ"
).split(" ")
TEXTS = st.text(st.characters(), max_size=40) | st.lists(st.sampled_from([*PIECES, " "]), max_size=14).map("".join)


def test_every_function_is_tried_here():
    """A function that the room gets is on the list of this file."""
    functions = {name for name in language.__all__ if name[0].islower()}
    assert functions == FUNCTIONS.keys()


@pytest.mark.parametrize("name", FUNCTIONS)
@settings(max_examples=80, deadline=None)
@given(text=TEXTS)
def test_any_text_has_an_answer(name, text):
    """No text makes a function raise: lone surrogates, marks of direction and NUL included; the same text, the same answer."""
    assert FUNCTIONS[name](text) == FUNCTIONS[name](text)


@pytest.mark.parametrize("piece", ["a", "ا", "ⴰ", ".", " ", "\n", "\u0301", "\ud800", "\x00", "3a", "art. ", "(", "word1 "])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_long_text_has_an_answer(name, piece):
    """A hundred thousand code points of one kind are answered by every function."""
    FUNCTIONS[name](piece * (100_000 // len(piece)))


@pytest.mark.scale
@pytest.mark.parametrize("piece", ["a", "ا", "ⴰ", ".", " ", "\n", "3a", "ال ", "salam السلام ⴰⵣⵓⵍ ", "bonjour "])
@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name != "arabizi_candidates"])
def test_ten_megabytes_have_an_answer(name, piece):
    """Ten million code points in one line are answered."""
    FUNCTIONS[name](piece * (10_000_000 // len(piece)))


def test_threads_share_what_is_remembered():
    """Sixteen threads that ask at once, with nothing remembered before, are told what one is told."""
    words = [
        f"{stem}{ending}" for stem in ("administr", "nation", "continu") for ending in ("ation", "ations", "ellement", "er")
    ]
    texts = [f"wach {word} ديال األمر {word} l{word}" for word in words]

    def told():
        return [
            (
                language.identify(text),
                language.spans(text),
                language.repair(text),
                language.arabizi_candidates(text, 1),
                [language.stem(word, name) for word in text.split() for name in ("fr", "en", "es", "ar", "ary")],
            )
            for text in texts
        ]

    expected = told()
    stemming._stem.cache_clear()
    switch = sys.getswitchinterval()
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(told())) for _ in range(16)]
    try:
        sys.setswitchinterval(1e-6)
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(switch)
    assert answers == [expected] * 16


def test_the_hash_seed_does_not_matter():
    """Every answer is the same whatever PYTHONHASHSEED is."""
    code = (
        "from daffa.language import *; t = 'wach kayn chi bitaqa األمر ⴰⵣⵓⵍ عبد الله l’État';"
        "print(identify(t), spans(t), repair(t), arabizi_candidates(t), latin_names(t), name_key(t), normalise(t, loose=True))"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("0", "1", "42")
    }
    assert len(said) == 1


@pytest.mark.parametrize("function", [language.arabizi_candidates, language.latin_names])
@pytest.mark.parametrize("limit", [0, -1, 51])
def test_a_limit_out_of_range_is_refused(function, limit):
    """Both functions that rank candidates give 1 to 50 of them, and name the field."""
    with pytest.raises(Invalid) as refused:
        function("salam", limit)
    assert refused.value.facts["field"] == "limit"
