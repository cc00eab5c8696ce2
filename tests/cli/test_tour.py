"""The tour: it runs to its end on a fresh machine, in three languages, in 80 columns, and says what is true."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest
from servers import daffa

from daffa import sentences
from daffa.audit import Reader
from daffa.cli.paint import fold, isolate, width

LANGUAGES = ("fr", "ar", "en")


@dataclass(frozen=True)
class Walk:
    """A tour that was kept: what it said, and its folder."""

    language: str
    said: str
    data: Path

    @property
    def text(self) -> str:
        """What it said in one line, without the marks that only steer directions."""
        return " ".join(re.sub("[\u200f\u2068\u2069]", "", self.said).split())

    def says(self, code: str, **facts: object) -> bool:
        """Whether a sentence of the catalogue stands in it."""
        said = sentences.say(code, self.language, **facts)
        return " ".join(re.sub("[\u200f\u2068\u2069]", "", said).split()) in self.text

    @property
    def entries(self) -> list[dict[str, object]]:
        """The entries of its log."""
        reader = Reader(self.data / "audit")
        return [json.loads(reader.entry(index)) for index in range(reader.checkpoint().size)]


@pytest.fixture(scope="module", params=LANGUAGES)
def walk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Walk:
    """A tour in each language, kept."""
    data = tmp_path_factory.mktemp("tour") / "kept"
    done = daffa("tour", "--lang", request.param, "--keep", str(data))
    assert done.returncode == 0, done.stderr
    return Walk(request.param, done.stdout, data)


def test_the_tour_is_short_and_fits_80_columns(walk: Walk):
    """At most 115 lines of at most 80 columns, none with a space at its end."""
    lines = walk.said.splitlines()
    assert 70 <= len(lines) <= 115
    assert [line for line in lines if width(line) > 80 or line != line.rstrip()] == []


def test_the_tour_shows_label_verdicts_way_and_entry(walk: Walk):
    """Five stations: the label in words, each place with its rule, where it went, and the entry of the log."""
    decisions = [index for index, entry in enumerate(walk.entries) if entry["kind"] == "decision"]
    assert len(decisions) == 5
    assert [walk.text.count(f"#{index}") for index in decisions] == [1, 1, 1, 1, 2]
    for word in ("virginia (potomac-virginia)", "rabat (atlas-home)", "P-gateway-home", "F-raw-identifiers-abroad", "HTTP 451"):
        assert word in walk.text
    for code in ("law_level_1", "law_level_3", "law_level_4", "law_categories_personal", "law_categories_health"):
        assert sentences.say(code, walk.language) in walk.text


def test_the_tour_says_what_is_simulated(walk: Walk):
    """It opens with what is simulated and what is real, and each answer says of itself that it is a simulation."""
    assert walk.says("tour_simulated_is")
    assert walk.says("tour_real_is")
    assert walk.text.count({"fr": "Simulation (", "ar": "محاكاة (", "en": "Simulation by"}[walk.language]) == 4


def test_the_order_of_prices_is_as_said(walk: Walk):
    """Virginia is cheaper than Paris, and Paris than Rabat, as the opening says."""
    models = tomllib.loads((walk.data / "daffa.toml").read_text(encoding="utf-8"))["model"]
    cheapest_first = sorted(models, key=lambda model: (model["price_in"], model["price_out"]))
    assert [model["place"] for model in cheapest_first] == ["virginia", "paris", "rabat"]
    assert walk.says("tour_choice_is")


def test_a_refusal_is_told_in_the_words_of_the_law(walk: Walk):
    """Every rule that refused the last question stands with its sentence, and no byte reached Virginia."""
    last = walk.entries[-1]
    assert (last["verdict"], last["place"]) == ("refuse", "virginia")
    told = daffa("policy", "explain", "--json", "--lang", walk.language, "--data", str(walk.data))
    law = {row["id"]: row["sentence"] for row in map(json.loads, told.stdout.splitlines())}
    assert len(last["rules"]) >= 2
    for rule in last["rules"]:
        assert walk.says("tour_words", rule=rule, sentence=law[rule])
    assert walk.says("tour_no_byte", bytes=0)


def test_the_tour_ends_with_its_proofs(walk: Walk):
    """The log verifies, the receipt of the last decision is shown, and a forged copy is caught."""
    reader = Reader(walk.data / "audit")
    report = reader.verify()
    assert (report.damage, report.size) == ((), 10)
    assert walk.says("tour_verified", size=10)
    for line in reader.receipt(9).splitlines():
        assert line[:60] in walk.text
    assert walk.says("tour_tampered", entry=9)
    assert walk.says("audit_entry_altered", index=9, file="tile/entries/000.p/10")


def test_every_line_of_arabic_closes_what_it_opens(walk: Walk):
    """A direction isolate never reaches into the next line, and an Arabic line opens with a right-to-left mark."""
    for line in walk.said.splitlines():
        assert line.count("\u2068") == line.count("\u2069"), line
        assert line.startswith("\u200f") or not re.search("[\u0600-\u06ff]", line), line


def test_the_tour_leaves_nothing_behind(tmp_path: Path):
    """Without --keep its folder is gone afterwards."""
    done = daffa("tour", "--lang", "en", TMPDIR=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_tour_does_not_walk_over_a_folder_in_use(tmp_path: Path):
    """A folder that holds anything is refused and left as it was."""
    (tmp_path / "daffa.toml").write_text("prefer = []\n", encoding="utf-8")
    done = daffa("tour", "--lang", "en", "--keep", str(tmp_path))
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert str(tmp_path) in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["daffa.toml"]
    assert (tmp_path / "daffa.toml").read_text(encoding="utf-8") == "prefer = []\n"


def test_a_line_is_folded_where_a_reader_would():
    """A no-break space holds, French punctuation stays with its word, an isolate is closed and opened again."""
    assert fold("a b c", 3) == ["a b", "c"]
    assert fold("oui\u00a0: non", 4) == ["oui\u00a0:", "non"]
    assert fold("un mot : « ici »", 7) == ["un", "mot :", "« ici »"]
    assert fold("longer-than-the-room x", 4) == ["longer-than-the-room", "x"]
    assert fold(isolate("ab cd"), 2) == [isolate("ab"), isolate("cd")]
    assert fold("", 4) == [""]
