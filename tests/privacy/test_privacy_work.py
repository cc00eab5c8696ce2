"""The work of finding grows as the text does, on the worst texts too. Counted in calls and bytes, not in time."""

import re
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daffa.privacy import find_bytes, finder, fold
from daffa.privacy.pieces import LATIN

READERS = finder._READERS
WORST = {
    "one run of digits": "1",
    "digits and gaps": "12 ",
    "single digits": "0 6 ",
    "wide gaps": "123456789    ",
    "only gaps": "1" + " " * 50,
    "phones in a row": "0612345678 ",
    "arabic phones in a row": "٠٦١٢٣٤٥٦٧٨ ",
    "groups of four": "0077 ",
    "letters and digits": "AB12345",
    "cards in a row": "AB123456 ",
    "mirrored cards in a row": "123456AB ب ",
    "at signs": "@",
    "short addresses": "a@",
    "dots and at signs": "a.a.a.a.@",
    "addresses in a row": "a@a.ma ",
    "long labels": "a@" + "a." * 30,
    "marks": "1\u200b",
    "marks between cards": "AB1\u200b23456 ",
    "country after country": "MA64",
    "fullwidth": "１２",
    "bytes that are no text": "\udcff\udcd91",
    "names of numbers": "cnss ",
    "names of numbers with numbers": "rc 1234 if: 1234567 ",
    "pairs of names": "IF/RC/",
    "pairs of names in arabic digits": "IF/RC : ١٢٣٤٥٦٧ ",
    "mirrored names": "123456789 :مسار ",
    "codes of students": "K123456789",
    "plates": "12345-أ-6",
    "small plates": "1أ",
    "latin plates": "1-A-",
    "wide plates": "ww1",
    "dots": "1.1",
    "colons": "1:1:",
    "double colons": "a::1",
    "births": "né le ",
    "births with dates": "né 12/05/1985 ",
    "births in arabic": "مزداد ١٩٨٥ ",
    "streets": "rue ",
    "streets with numbers": "12 rue A ",
    "streets in arabic": "حي ا ",
    "units": "appt 1,",
    "capital words": "Rue A B C ",
    "towns": "rue Rabat ",
    "commas": "rue a,,,",
    "titles": "M. Me ",
    "names": "Karim Amine ",
    "names and titles in arabic": "السيد محمد بن ",
    "small letters": "si karim ",
    "behind a name": "Abc Abc né le ",
}


def work(data):
    """Calls made and bytes read closely while ``data`` is searched."""
    calls = read = 0

    class Counted(fold.Page):
        def __init__(self, data, start, end):
            nonlocal read
            read += min(end, len(data)) - start
            super().__init__(data, start, end)

    def count(_frame, event, _argument):
        nonlocal calls
        calls += event in ("call", "c_call")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(finder, "Page", Counted)
        before = sys.getprofile()
        sys.setprofile(count)
        try:
            find_bytes(data)
        finally:
            sys.setprofile(before)
    return calls, read


def grows_as_the_text_does(unit):
    """Whether four times the text costs at most four times the calls and the bytes read, and a little."""
    text = (unit * (8_192 // len(unit) + 1)).encode("utf-8", "surrogateescape")
    few, more = work(text), work(text * 4)
    return more[0] <= 4.4 * few[0] + 200 and more[1] <= 6 * few[1] + 8_192


@pytest.mark.parametrize("unit", WORST.values(), ids=WORST)
def test_work_is_linear(unit):
    """Four times the text costs at most four times the calls and the bytes read, and a little."""
    assert grows_as_the_text_does(unit)


PIECES = sorted({piece for unit in WORST.values() for piece in (unit, unit[:3], unit[-2:]) if piece.isprintable()})


@given(st.lists(st.sampled_from(PIECES), min_size=2, max_size=5).map("".join))
@settings(max_examples=40, deadline=None)
def test_no_mixture_is_worse(unit):
    """Mixtures of the worst texts, searched for at random, are linear as well."""
    assert grows_as_the_text_does(unit)


# Tried once, at one place, on a whole run that is then passed over: linear as they are.
ONCE = {"_RUN", "_NO_DIGIT", "_LOCAL", "_TOKEN"}


def compiled(value):
    """The expressions in a value of a module: itself, or those in a table."""
    if isinstance(value, re.Pattern):
        return [value]
    if isinstance(value, dict):
        return [pattern for each in value.values() for pattern in compiled(each)]
    if isinstance(value, list | tuple):
        return [pattern for each in value for pattern in compiled(each)]
    return []


EXPRESSIONS = [
    pytest.param(pattern, id=f"{reader.__name__.rpartition('.')[2]}.{name}")
    for reader in READERS
    for name, value in vars(reader).items()
    if name not in ONCE and not name.startswith("__")
    for pattern in compiled(value)
]


@pytest.mark.parametrize("pattern", EXPRESSIONS)
def test_no_expression_reads_without_bound(pattern):
    """The expressions tried at each place have a longest match: none can walk the text from each of its places."""
    assert sys.modules["re._parser"].parse(pattern.pattern, pattern.flags).getwidth()[1] < 1_000


def test_every_reader_is_looked_at():
    """The list of expressions holds those of every reader, and Latin letters are a class that compiles."""
    assert len(EXPRESSIONS) > 40
    assert re.fullmatch(f"[{LATIN}]+", "Éœ9")
