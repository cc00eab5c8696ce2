"""Learning to identify: which lines are learned from, what is made of them, the same bytes for the same lines."""

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from language_corpus import SAMPLES, corpus

from daffa.errors import Invalid
from daffa.language.identification import Identified, Identifier, shipped, unpacked
from daffa.language.learning.data import PERMISSIVE
from daffa.language.learning.identify import lines as reading
from daffa.language.learning.identify.calibrate import expected_error
from daffa.language.learning.identify.formal import formal, is_marked
from daffa.language.learning.identify.lines import Line
from daffa.language.learning.identify.packing import digest, packed
from daffa.language.learning.identify.peers import ask
from daffa.language.learning.identify.recipe import examples
from daffa.language.learning.identify.render import arabizi_of, in_arabic, respelled
from daffa.language.learning.identify.score import CLASSES, class_of, f1, figures
from daffa.language.learning.identify.twins import Twins, skeleton
from daffa.language.learning.identify.words import DARIJA, STANDARD
from daffa.language.learning.papers import HOME, may_write

LINES = [Line(text, language, "test", "CC0-1.0") for language, texts in SAMPLES.items() for text in texts]


def test_the_same_lines_and_seed_give_the_same_bytes():
    """Training twice gives the same file, another seed another one, and the model tells its own lines apart."""
    building = pytest.importorskip(
        "daffa.language.learning.identify.build", reason="training needs scikit-learn (extra train)", exc_type=ImportError
    )
    once, again, other = (packed(building.build(LINES, LINES, {}, seed=seed, scale=0.01)) for seed in (3, 3, 4))
    assert once == again
    assert once != other
    answers = Identifier(unpacked(once)).many([line.text for line in LINES])
    right = sum(class_of(line.language) == class_of(answer.language) for line, answer in zip(LINES, answers, strict=True))
    assert right > 0.85 * len(LINES)


def test_examples_are_the_same_for_the_same_seed():
    """Every draw of the recipe comes from its seed; each script has each of its classes; no example is empty."""
    made = examples(LINES, 1, 0.02)
    assert made == examples(LINES, 1, 0.02)
    assert made != examples(LINES, 2, 0.02)
    assert {taught for _, taught in made["Arab"]} == {"ary-Arab", "ar-Arab", "other"}
    assert {taught for _, taught in made["Tfng"]} == {"zgh-Tfng", "other"}
    assert len({taught for _, taught in made["Latn"]}) == 7
    assert all(text.strip() for rows in made.values() for text, _ in rows)


def test_only_permissive_lines_are_learned_from(tmp_path):
    """Lines under other licences judge; with ``all_lines`` those that do not judge are learned from as well."""
    read = reading.read(corpus(tmp_path))
    assert {line.licence for line in read.learned} <= PERMISSIVE
    assert {line.licence for line in read.judged} >= {"CC-BY-NC-4.0", "GPL-2.0+", "none stated", "official text"}
    assert not {line.text for line in read.learned} & {line.text for line in read.judged}
    assert read.fingerprint == reading.read(tmp_path).fingerprint
    assert len(read.digests) == len(SAMPLES) + 6


def test_twins_of_learned_lines_do_not_judge(tmp_path):
    """A line that judges is dropped where nearly the same sentence is learned from, in the same script or another."""
    judged = {line.text for line in reading.read(corpus(tmp_path)).judged}
    assert "hadchi machi dyali a sahbi 3afak" in judged
    assert "BGHIT nmchi, l dar daba!" not in judged
    assert "بغيت نمشي ل دار دابا" not in judged


def test_moroccan_lines_among_the_tuareg_ones_are_left_out(tmp_path):
    """A Tuareg line in the Moroccan alphabet is mislabelled and is on no side."""
    read = reading.read(corpus(tmp_path))
    assert not [
        line for line in (*read.learned, *read.fitted, *read.judged) if line.language == "taq-Tfng" and "ⵖⵓⵕ" in line.text
    ]


def test_a_folder_without_lines_is_refused(tmp_path):
    """A folder that is no corpus is named in the error."""
    with pytest.raises(Invalid, match="--corpus"):
        reading.read(tmp_path)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("chno bghiti nta daba", "شنو بغيتي نتا دابا"),
        ("7it khassni nkhdem", "حيت خاصني نخدم"),
        ("tamaziɣt tga tutlayt", "ⵜⴰⵎⴰⵣⵉⵖⵜ ⵜⴳⴰ ⵜⵓⵜⵍⴰⵢⵜ"),
    ],
)
def test_one_sentence_has_one_skeleton_in_all_scripts(left, right):
    """Arabizi and Arabic, Latin and Tifinagh reduce to the same consonants."""
    assert skeleton(left) == skeleton(right)
    assert Twins([left]).has(right)


def test_strangers_are_no_twins():
    """Another sentence is not a twin."""
    assert not Twins(["chno bghiti nta daba"]).has("fin ghadi nemchiw ghedda inchallah")


@settings(deadline=None)
@given(st.text(max_size=60), st.integers(0, 9))
def test_rendering_takes_any_text(text, seed):
    """What is made at random is made from any text, the same for the same seed."""
    for make in (in_arabic, arabizi_of, respelled, formal):
        assert make(text, Random(seed)) == make(text, Random(seed))


def test_arabizi_is_rendered_in_arabic_letters():
    """Known words get a known spelling; others are spelled letter by letter; numbers stay."""
    made = {in_arabic("bghit n7ell lbab 12", Random(seed)) for seed in range(20)}
    assert all(text.endswith(" 12") and not set(text) & set("bghitnl7") for text in made)
    assert any(text.startswith("بغيت ") for text in made)
    assert len(made) > 3


def test_formal_lines_have_no_marker():
    """Markers are rewritten; where one is left there is no line."""
    assert formal("الكتاب ديال المدينة اللي كبيرة بزاف", Random(1)).startswith("الكتاب المدينة ال")
    assert formal("غادي نمشيو بجوج", Random(1)) is None or not is_marked(formal("غادي نمشيو بجوج", Random(1)))
    assert formal("قالت ليه عفاك", Random(1)) is None


def test_marker_words_are_no_words_of_standard_arabic():
    """The two lists share nothing."""
    assert not DARIJA & set(STANDARD)


def test_a_model_of_all_lines_is_never_written_into_the_package(tmp_path):
    """The package, and any folder of it, is refused; elsewhere it may go."""
    for folder in (HOME, HOME.parent, HOME / "deeper"):
        with pytest.raises(Invalid, match="never shipped"):
            may_write(folder, all_lines=True)
        may_write(folder, all_lines=False)
    may_write(tmp_path, all_lines=True)


def test_the_shipped_model_is_small_and_says_what_it_learned_from():
    """At most 3 MB, of permissive lines, with a card and a licence that fit its weights."""
    assert (HOME / "identify.bin").stat().st_size <= 3_000_000
    assert shipped().about["every_licence"] is False
    card = (HOME / "identify.MODEL_CARD.md").read_text(encoding="utf-8")
    assert f"`{digest(shipped())}`" in card
    assert f"`{shipped().about['lines']}`" in card
    assert "CC-BY-SA-4.0" in (HOME / "identify.LICENSE").read_text(encoding="utf-8")
    learned = card.split("## Learned from")[1]
    assert not [word for word in ("CC-BY-NC", "GPL", "none stated") if word in learned]


def test_a_packed_model_is_read_back():
    """Packing what was unpacked gives the same bytes; another file is refused."""
    data = (HOME / "identify.bin").read_bytes()
    model = unpacked(data)
    assert packed(model) == data
    assert all(np.abs(part.weights.astype(int)).max() <= 127 and not part.weights[0].any() for part in model.parts)
    with pytest.raises(ValueError, match="another format"):
        unpacked(data.replace(b'"format": 1', b'"format": 2', 1))


def test_figures_count_what_they_say():
    """F1, lengths, sources and calibration of a run whose answers are known."""
    lines = [Line("a" * 50, name if name != "amazigh-Latn" else "kab-Latn", "s", "l") for name in CLASSES for _ in range(20)]
    lines += [Line("b", "oth-it", "s", "l")] * 10
    said = [Identified(line.language, 0.9, (line.language,)) for line in lines[:160]] + [
        Identified("fr-Latn", 0.6, ("fr-Latn",))
    ] * 10
    told = figures(lines, said)
    assert told["macro_f1"] == 1.0
    assert told["classes_with_other"]["fr-Latn"] == {"precision": 0.6667, "recall": 1.0, "f1": 0.8, "lines": 20}
    assert told["lengths"]["40-119"]["lines"] == 160
    assert [row["taken_for"] for row in told["sources"] if row["language"] == "oth-it"] == [{"fr-Latn": 10}]
    assert told["calibration"]["all"]["expected_calibration_error"] == 0.1
    assert f1([("fr-Latn", "en-Latn")])["fr-Latn"]["f1"] == 0.0


def test_expected_error_is_zero_where_confidence_is_true():
    """Eight of ten right at 0.8 is no error; all right at 0.8 is 0.2."""
    confidence = np.full(10, 0.8)
    assert expected_error(confidence, np.arange(10) < 8) == pytest.approx(0.0)
    assert expected_error(confidence, np.ones(10, bool)) == pytest.approx(0.2)


def test_an_absent_peer_is_skipped(tmp_path):
    """Without its Python, or where it does not run, a peer says nothing."""
    assert ask(tmp_path / "python", "lingua", ["a"]) is None
