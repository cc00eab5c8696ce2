"""Laws of the tasks: dates and amounts come back, points are sentences of the text, letters hold their facts and no more."""

import datetime
from dataclasses import dataclass
from decimal import Decimal

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from daffa.assistant.tasks.letters import fill_letter
from daffa.assistant.tasks.points import points
from daffa.assistant.tasks.spotting import Wanted, spot
from daffa.assistant.tasks.writing import Amount, amounts_in, dates_in, read_amount, read_date, write_amount, write_date
from daffa.documents import document_of

DATES = st.dates(datetime.date(1850, 1, 1), datetime.date(2200, 12, 31))
LANGUAGES = st.sampled_from(["fr", "ar", "en"])


@given(DATES, LANGUAGES)
def test_a_date_that_was_written_is_read(date, language):
    """In words of each language, in ISO 8601, and day first; also inside a sentence."""
    for written in (write_date(date, language), date.isoformat(), f"{date:%d/%m/%Y}", f"{date:%d-%m-%Y}"):
        assert read_date(written) == date
        assert [found for _, _, found in dates_in(f"Fait le {written}.")] == [date]


@given(st.integers(0, 10**12), st.integers(0, 99), LANGUAGES, st.sampled_from(["", "DH", "dirhams", "درهم", "€"]))
def test_an_amount_that_was_written_is_read(whole, cents, language, unit):
    """With the groups and the point of each language, with a currency and without."""
    amount = Amount(Decimal(whole) + Decimal(cents) / 100, unit)
    written = write_amount(amount, language)
    assert read_amount(written) == amount
    if unit:
        assert [found for _, _, found in amounts_in(f"La somme de {written} est due.")] == [amount]


WORDS = (
    "l'eau le barrage retient millions irrigation commission interdit économise 40 2026 région État subventionne coût".split()
)
SENTENCES = st.lists(
    st.lists(st.sampled_from(WORDS), min_size=3, max_size=20).map(lambda words: " ".join(words).capitalize() + "."), max_size=20
)


@given(SENTENCES, st.integers(1, 8))
@settings(max_examples=60)
def test_points_are_sentences_of_the_text_in_its_order(written, most):
    """No more than asked for, none twice, in the order of the text, and the same for the same text."""
    document = document_of("\n\n".join(written), "a")
    found = points(document, most)
    texts = [document.text[point.start : point.end] for point in found]
    assert len(found) <= most
    assert len(set(texts)) == len(texts)
    assert [point.start for point in found] == sorted(point.start for point in found)
    assert set(texts) <= set(written)
    assert points(document, most) == found


@dataclass
class Fact:
    """A fact of a letter."""

    title: str
    type: str
    required: bool


@dataclass
class Template:
    """A letter."""

    text: str
    facts: dict


NAMES = ("name", "town", "day")
TEXTS = st.lists(st.sampled_from(["{name}", "{town}", "{day}", "Bonjour", "à", ".", "\n", "Le dossier :"]), max_size=25).map(
    " ".join
)


@given(
    TEXTS,
    st.dictionaries(st.sampled_from(NAMES), st.sampled_from(["Karim", "{town}", "Fès [x]", "2026"])),
    st.sets(st.sampled_from(NAMES)),
)
def test_a_letter_holds_its_facts_and_its_blanks(text, values, required):
    """Each place holds its value or its blank; what is required and not given is missing; no placeholder is left."""
    template = Template(text, {name: Fact(name.upper(), "text", name in required) for name in NAMES})
    letter = fill_letter(template, values)
    for place in letter.places:
        assert letter.text[place.start : place.end] == values.get(place.name, f"[… {place.name.upper()} …]")
    named = {name for name in NAMES if f"{{{name}}}" in text}
    assert set(letter.missing) == {name for name in named & required if name not in values}
    assert {place.name for place in letter.places} >= {name for name in named if name in values}
    bare = letter.text
    for place in reversed(letter.places):
        bare = bare[: place.start] + bare[place.end :]
    assert "{" not in bare


@given(
    st.lists(
        st.sampled_from(
            ["Nom : Karim Bennani", "Ville : Fès", "Montant : 300 DH", "le 5 mars 2026", "CIN AB123456", "Nom :", "x"]
        ),
        max_size=12,
    )
)
def test_what_was_spotted_stands_there(lines):
    """Every value is the text between its offsets; what is empty has a reason."""
    text = "\n".join(lines)
    wanted = [
        Wanted("name", "person", ("nom",)),
        Wanted("town", "text", ("ville",)),
        Wanted("sum", "amount", ("montant",)),
        Wanted("cin", "cin", ("cin",)),
    ]
    for found in spot(text, wanted).values():
        assume(found is not None)
        for one in (*filter(None, [found.spot]), *found.candidates):
            assert text[one.start : one.end] == one.value
        assert (found.spot is None) == bool(found.reason)
