"""The work of finding grows as the text does, on the worst texts too. Counted in calls and bytes, not in time."""

import sys

import pytest

from daffa.privacy import cards, emails, find_bytes, fold, numbers

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
}


def work(data, monkeypatch):
    """Calls made and bytes read closely while ``data`` is searched."""
    calls = read = 0

    class Counted(fold.Window):
        def __init__(self, data, start, end):
            nonlocal read
            read += min(end, len(data)) - start
            super().__init__(data, start, end)

    for reader in (cards, emails, numbers):
        monkeypatch.setattr(reader, "Window", Counted)

    def count(_frame, event, _argument):
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        find_bytes(data)
    finally:
        sys.setprofile(None)
    return calls, read


@pytest.mark.parametrize("unit", WORST.values(), ids=WORST)
def test_work_is_linear(unit, monkeypatch):
    """Four times the text costs at most four times the calls and the bytes read, and a little."""
    text = (unit * (8_192 // len(unit) + 1)).encode("utf-8", "surrogateescape")
    few, more = work(text, monkeypatch), work(text * 4, monkeypatch)
    assert more[0] <= 4.4 * few[0] + 100
    assert more[1] <= 6 * few[1] + 4_096


@pytest.mark.parametrize("pattern", ["_BACKWARDS", "_BEHIND", "_TAIL", "_DOMAIN", "_IBAN", "_RIB", "_ICE", "_HOME", "_ABROAD"])
def test_no_expression_reads_without_bound(pattern):
    """The expressions tried at each place have a longest match: none can walk the text from each of its places."""
    module = next(module for module in (cards, emails, numbers) if hasattr(module, pattern))
    longest = sys.modules["re._parser"].parse(getattr(module, pattern).pattern).getwidth()[1]
    assert longest < 1_000
