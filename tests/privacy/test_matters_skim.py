"""The quick ways to an answer give the slow ones' answer: words by blanks, sums by halves, edges by a byte, the first find."""

import math
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daffa.privacy import anybody, find_bytes, remembered, words_hashed
from daffa.privacy.matters import _stands_alone, _vocabulary
from daffa.privacy.scorer import Scorer, scorer
from daffa.privacy.skim import _AT_ONCE, _SHIFTS, Skim, skim
from daffa.privacy.words_alone import features_of
from daffa.privacy.words_hashed import LONGEST, MOST_FEATURES, features, strings, words

from .sentences import LANGUAGES, templates

MATTERS = Path(__file__).parent / "matters"
LINES = [line for name in ("health", "judicial", "minors", "office") for line in (MATTERS / f"{name}.txt").read_text("utf-8").splitlines()]  # fmt: skip  # noqa: E501 - a table
SIGNS = st.text(st.sampled_from("ab1_$@=[()\"' .,-\n\tàÉß’«،ًـم٣İΣ²\u0301\u00a0‿\ud800😀"), max_size=40)
FEW = st.lists(st.sampled_from(["sida", "prison", "enfant", "oui"]), max_size=20).map(" ".join)
TEXTS = st.lists(st.one_of(st.sampled_from(LINES), SIGNS, FEW), max_size=8).map('" '.join)
LETTERS = st.text(st.sampled_from("aehjkcdgpqstux579éçأؤئةىهـڭپطشـًم٣\u0301ⵣ\U0001d538"), min_size=1, max_size=20)
SPELLED = [word.spelled for word in _vocabulary()]
EDGES = [
    edge.encode() for edge in ("", " ", "a", "7", "é", "’", "«", "،", "و", "وال", "لل", "م", "ه", "هم", "ات", "\u064b", "٣")
]
EDGES += [b"\xd9", b"\x80"]


@given(TEXTS)
def test_words_are_those_of_the_expression(text: str):
    """Blanks for most signs part the same words as the expression that says what a word is."""
    assert words(text) == words_hashed._WORD.findall(text.lower())


@given(st.one_of(FEW, st.lists(TEXTS, min_size=1, max_size=5).map(" ".join)), st.integers(1, 3), st.sampled_from([-1, 0, 1]))
@settings(deadline=None)
def test_skimming_says_what_scoring_says(text: str, times: int, beyond: int):
    """Sums that nobody looks at reach their limits where those of the scorer do, at the limit, just below and just above it."""
    data = text.encode("utf-8", "replace") * times
    tops = [max(top, -1e6) for top in scorer().tops(data.decode())]
    model = scorer().model._replace(limits=tuple(math.floor(top) + beyond for top in tops))
    assert Skim(model).spoken(data) == Scorer(model).spoken(data.decode())
    assert skim().spoken(data) == scorer().spoken(data.decode())


@given(st.lists(TEXTS, max_size=4))
def test_a_string_that_was_read_says_the_same_again(texts: list[str]):
    """A string is told once, and what it says counts wherever it stands; none of it is kept but a digest."""
    tried = Skim(scorer().model)
    for text in (*texts, *texts):
        data = text.encode("utf-8", "replace")
        assert tried.spoken(data) == Skim(scorer().model).spoken(data)
    long = {string for text in texts for string in strings(text.encode("utf-8", "replace")) if len(string) >= 48}
    assert len(tried._strings.known) == len(long)
    assert {len(digest) for digest in tried._strings.known} <= {16}


@given(
    st.lists(st.one_of(st.sampled_from(LINES).map(lambda line: max(line.split(), key=len)), LETTERS), min_size=1, max_size=9)
)
def test_a_word_alone_has_the_features_that_it_has_among_others(some: list[str]):
    """A few words are worked out without arrays; what they are worth is the same, and as bounded as the sums need it."""
    owners, buckets = features(some)
    for place, word in enumerate(some):
        assert sorted(features_of(word)) == sorted(buckets[owners == place].tolist())
        assert len(word) > LONGEST or len(features_of(word)) <= MOST_FEATURES


@given(st.lists(LETTERS, min_size=12, max_size=60, unique=True))
@settings(max_examples=30, deadline=None)
def test_words_that_were_never_met_are_worth_what_each_is_alone(some: list[str]):
    """Those of all strings of a text are worked out together; each is worth what the scorer's sums say of it."""
    tried = Skim(scorer().model)
    tried.spoken('"'.join(f"{one} {two} {three}" for one, two, three in zip(*[iter(some)] * 3, strict=False)).encode())
    for word, worth in tried._words.known.items():
        assert worth == sum(points << shift for points, shift in zip(scorer().sums([word])[0], _SHIFTS, strict=True))


def test_a_full_memory_is_begun_anew(monkeypatch: pytest.MonkeyPatch):
    """More words than are remembered are read all the same, and memory does not grow with them."""
    monkeypatch.setattr(remembered, "_MOST", 50)
    monkeypatch.setattr(remembered, "_MOST_TEXTS", 5)
    small = Skim(scorer().model)
    for line in LINES[:200]:
        assert small.spoken(line.encode()) == scorer().spoken(line)
    monkeypatch.setattr("daffa.privacy.skim._AT_ONCE", 7)
    together = '"'.join(LINES[:200])
    assert Skim(small._model).spoken(together.encode()) == scorer().spoken(together)
    assert len(small._words.known) <= 50
    assert len(small._strings.known) <= 5


def test_what_waits_to_be_looked_up_does_not_grow_with_the_text():
    """Words never met wait for a few thousand others, not for the whole text: beside its strings it takes little memory."""
    data, tried = b'a b c"' * (8 * _AT_ONCE), Skim(scorer().model)
    tracemalloc.start()
    try:
        strings(data)
        parted = tracemalloc.get_traced_memory()[1]
        tracemalloc.reset_peak()
        tried.spoken(data)
        assert tracemalloc.get_traced_memory()[1] < 2 * parted
    finally:
        tracemalloc.stop()


@given(st.sampled_from(SPELLED), *[st.sampled_from(EDGES)] * 4)
def test_a_byte_tells_an_edge_as_the_expressions_do(spelled: bytes, one: bytes, two: bytes, three: bytes, four: bytes):
    """Whether a word of the vocabulary stands alone is the same with and without the quick look at its neighbours."""
    data, start = one + two + spelled + three + four, len(one + two)
    end = start + len(spelled)
    for word in (word for word in _vocabulary() if word.spelled == spelled):
        before = word.before.search(data[max(start - 16, 0) : start])
        behind = word.behind is None or word.behind.match(data[end : end + 16])
        assert _stands_alone(data, word, end) == bool(before and behind)


FILLED = [template.replace("<", "").replace(">", " AB123456 ") for language in LANGUAGES for template in templates(language)]


@given(
    st.lists(st.one_of(st.sampled_from(FILLED), st.sampled_from(LINES), SIGNS), max_size=30), st.sampled_from([0.3, 0.5, 0.9])
)
@settings(max_examples=60, deadline=None)
def test_somebody_is_seen_where_something_is_found(texts: list[str], least: float):
    """The search that stops at the first find says yes where the whole one finds anything."""
    data = "\n".join(texts).encode("utf-8", "replace")
    assert anybody(data, least=least) == bool(find_bytes(data, least=least))
