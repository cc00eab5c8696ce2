"""Settings: read whole, or refused with file, line, field and expectation."""

from pathlib import Path

import pytest

from daffa.decision import FOREVER, UNKNOWN
from daffa.errors import DaffaError, Invalid
from daffa.settings import read_settings

GOOD = """\
prefer = ["price", "home"]

[[place]]
id = "rabat"
hw = "MA"
region = "MA-04"
operator = "MA"
reach = ["MA"]
qual = 2
key = "state"
retention_days = 0
trains = false
evidence = { qual = { source = "attestation.pdf", until = 2027-06-30 } }

[[place]]
id = "paris"
hw = "FR"
operator = "FR"
reach = ["FR"]

[[model]]
id = "atlas"
wire = "openai"
url = "http://127.0.0.1:9/v1"
place = "rabat"
price_in = 1.0

[[model]]
id = "seine"
wire = "openai"
url = "https://api.mistral.ai/v1"
place = "paris"
upstream_model = "mistral-small-latest"
fallback = ["atlas"]
"""


def read(folder: Path, text: str, **environment: str):
    """The settings of a folder whose file is ``text``."""
    (folder / "daffa.toml").write_text(text, encoding="utf-8")
    return read_settings(folder, environment)


def test_a_good_file_is_read(tmp_path: Path):
    """Places and models stand in the order written, and what is unsaid about a place is the worst."""
    settings = read(tmp_path, GOOD)
    assert settings.prefer == ("price", "home")
    assert list(settings.models) == ["atlas", "seine"]
    assert settings.models["seine"].upstream_model == "mistral-small-latest"
    assert settings.models["atlas"].upstream_model == "atlas"
    paris = settings.places["paris"]
    assert (paris.retention_days, paris.trains, paris.qual) == (FOREVER, True, 0)


def test_evidence_holds_until_its_last_day_ends(tmp_path: Path):
    """A day in the file means the whole of that day, in UTC."""
    place = read(tmp_path, GOOD).places["rabat"]
    assert place.effective(1_814_399_999).qual == 2
    assert place.effective(1_814_400_000).qual == 0


def test_no_file_is_a_house_without_models(tmp_path: Path):
    """A folder without a file has every default."""
    settings = read_settings(tmp_path, {})
    assert (settings.host, settings.port, settings.models) == ("127.0.0.1", 8000, {})


def test_variables_and_options_go_before_the_file(tmp_path: Path):
    """The file says what nobody else says; the environment beats it, the command beats both."""
    (tmp_path / "daffa.toml").write_text("port = 1\nmax_body_bytes = 5", encoding="utf-8")
    assert read_settings(tmp_path, {}).port == 1
    environment = {"DAFFA_PORT": "2", "DAFFA_PREFER": "speed,home"}
    assert read_settings(tmp_path, environment).port == 2
    assert read_settings(tmp_path, environment).prefer == ("speed", "home")
    assert read_settings(tmp_path, environment, port=3, host=None).port == 3


@pytest.mark.parametrize(
    ("change", "line", "field", "expected"),
    [
        (("qual = 2", "qual = 3"), 9, "place[0].qual", "0, 1 or 2"),
        (("qual = 2", 'qual = "2"'), 9, "place[0].qual", "int"),
        (("qual = 2", "qal = 2"), 9, "place[0].qal", "qual"),
        (('hw = "FR"', 'hw = "France"'), 17, "place[1].hw", "ISO 3166-1"),
        (('reach = ["FR"]', 'reach = ["EU"]'), 19, "place[1].reach", "ISO 3166-1"),
        (('region = "MA-04"', 'region = "FR-04"'), 6, "place[0].region", "MA-"),
        (('id = "paris"', 'id = "rabat"'), 16, "place[1].id", "used once"),
        (('key = "state"', 'key = "king"'), 10, "place[0].key", "provider"),
        (("until = 2027-06-30", "until = 7"), 13, "place[0].evidence", "date"),
        (("evidence = { qual", "evidence = { colour"), 13, "place[0].evidence", "hw"),
        (('id = "atlas"', 'id = "auto"'), 22, "model[0].id", "auto"),
        (("price_in = 1.0", "price_in = inf"), 26, "model[0].price_in", "<="),
        (("price_in = 1.0", "context = -5"), 26, "model[0].context", ">= 0"),
        (("price_in = 1.0", "params_active = -1.0"), 26, "model[0].params_active", ">= 0"),
        (("price_in = 1.0", "quality = { fr = 7.0 }"), 26, "model[0].quality", "<= 1"),
        (('fallback = ["atlas"]', 'fallback = ["seine"]'), 34, "model[1].fallback", "atlas"),
        (('fallback = ["atlas"]', 'fallback = ["atlas", "atlas"]'), 34, "model[1].fallback", "once"),
        (('prefer = ["price", "home"]', "idle_seconds = inf"), 1, "idle_seconds", "<="),
        (('prefer = ["price", "home"]', 'host = ""'), 1, "host", "length"),
        (('wire = "openai"', 'wire = "smoke"'), 23, "model[0].wire", "openai"),
        (('url = "http://127.0.0.1:9/v1"', 'url = "127.0.0.1"'), 24, "model[0].url", "http://"),
        (('place = "rabat"', 'place = "mars"'), 25, "model[0].place", "rabat"),
        (("price_in = 1.0", "price_in = -1.0"), 26, "model[0].price_in", ">= 0"),
        (("price_in = 1.0", 'currency = "MAD"'), 26, "model[0].currency", "exchange"),
        (("price_in = 1.0", 'capabilities = ["telepathy"]'), 26, "model[0].capabilities", "tools"),
        (("price_in = 1.0", 'key_env = "NO_SUCH_VARIABLE"'), 26, "model[0].key_env", "a variable that holds a key"),
        (('fallback = ["atlas"]', 'fallback = ["atlos"]'), 34, "model[1].fallback", "atlas"),
        (('prefer = ["price", "home"]', 'prefer = ["beauty"]'), 1, "prefer[0]", "home"),
        (('prefer = ["price", "home"]', 'time_zone = "Asia/Nowhere"'), 1, "time_zone", "tz database"),
        (('prefer = ["price", "home"]', 'time_zone = "Asia"'), 1, "time_zone", "tz database"),
        (('prefer = ["price", "home"]', 'time_zone = "../etc/passwd"'), 1, "time_zone", "tz database"),
        (('prefer = ["price", "home"]', 'time_zone = ""'), 1, "time_zone", "tz database"),
        (('prefer = ["price", "home"]', 'search_embedding_model = "atlas"'), 1, "search_embedding_model", '["embeddings"]'),
        (('prefer = ["price", "home"]', "prefer = 7"), 1, "prefer", "array"),
        (('prefer = ["price", "home"]', 'country = "zz"'), 1, "country", "law set"),
        (('operator = "MA"\n', ""), 3, "place[0].operator", "to be present"),
        (('url = "https://api.mistral.ai/v1"', 'url = "https://api.mistral.ai/v1'), 31, "the file", "TOML"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_line(tmp_path: Path, change: tuple[str, str], line: int, field: str, expected: str):
    """Each mistake stops the reading with the file, the line, the field and what was expected."""
    assert change[0] in GOOD
    with pytest.raises(Invalid) as raised:
        read(tmp_path, GOOD.replace(*change))
    facts = raised.value.facts
    assert raised.value.code == "invalid_settings"
    assert (facts["file"], facts["line"]) == (str(tmp_path / "daffa.toml"), line)
    assert facts["field"].startswith(field)
    assert expected in facts["expected"]


@pytest.mark.parametrize(
    "url",
    ["http://[::1/v1", "http://a..b/v1", "http://x:99999/v1", "http://x:ab/v1", "http://user:secret@x/v1", "http://x/v1?key=1",
     "http://x/v1#f", "http://x y/v1", "http://x\\u0000y/v1", "ftp://x/v1", "http:///v1", "http://" + "a" * 64 + ".ma/v1"],
)  # fmt: skip
def test_an_address_that_cannot_be_asked_is_refused(tmp_path: Path, url: str):
    """An address has a scheme, a host and a path; a key in it, or a query, would leave with every request."""
    with pytest.raises(Invalid) as raised:
        read(tmp_path, GOOD.replace("http://127.0.0.1:9/v1", url))
    assert (raised.value.facts["field"], raised.value.facts["line"]) == ("model[0].url", 24)


@pytest.mark.parametrize("key", ["", "abc\n", "a b", "مفتاح", "a\x00"])
def test_a_key_that_cannot_travel_in_a_header_is_refused(tmp_path: Path, key: str):
    """A secret with a line end, as files often have, is found at the start and not at the first question."""
    with pytest.raises(Invalid) as raised:
        read(tmp_path, GOOD.replace("price_in = 1.0", 'key_env = "RABAT_KEY"'), RABAT_KEY=key)
    assert raised.value.facts["field"] == "model[0].key_env"
    assert key == "" or key not in raised.value.say("en")


def test_evidence_until_the_last_day_of_all_is_read(tmp_path: Path):
    """The last date that can be written is a date."""
    assert read(tmp_path, GOOD.replace("2027-06-30", "9999-12-31")).places["rabat"].effective(4_000_000_000).qual == 2


@pytest.mark.parametrize(
    ("content", "line", "expected"),
    [(b"port = 1\n\xff\xfe", 2, "UTF-8"), (b"\xff\xfep\x00", 1, "UTF-8"), (b"prefer = " + b"[" * 100_000, 1, "TOML")],
)
def test_a_file_that_is_no_text_is_refused_by_its_line(tmp_path: Path, content: bytes, line: int, expected: str):
    """Bytes that are no UTF-8, and nesting without end, are mistakes like any other."""
    (tmp_path / "daffa.toml").write_bytes(content)
    with pytest.raises(Invalid) as raised:
        read_settings(tmp_path, {})
    assert (raised.value.facts["line"], raised.value.facts["expected"]) == (line, expected)


def test_a_file_that_begins_with_a_mark_is_read(tmp_path: Path):
    """Editors that mark UTF-8 do no harm."""
    (tmp_path / "daffa.toml").write_bytes(b"\xef\xbb\xbfport = 5")
    assert read_settings(tmp_path, {}).port == 5


@pytest.mark.parametrize("host", ["api.openai.com", "API.OpenAI.com", "europe.api.openai.com.", "api.mistral.ai"])
def test_a_foreign_host_cannot_be_declared_home(tmp_path: Path, host: str):
    """A host of a catalogued foreign provider keeps its operator, whatever the file says of the place."""
    with pytest.raises(Invalid) as raised:
        read(tmp_path, GOOD.replace("http://127.0.0.1:9/v1", f"https://{host}/v1"))
    assert raised.value.facts["field"] == "model[0].place"
    assert raised.value.facts["line"] == 25
    assert "belongs to" in raised.value.facts["expected"]


@pytest.mark.parametrize("host", ["openai.com.example.ma", "notopenai.com", "127.0.0.1"])
def test_a_host_that_only_looks_foreign_is_accepted(tmp_path: Path, host: str):
    """A name counts by its domain, not by how it looks."""
    assert read(tmp_path, GOOD.replace("127.0.0.1:9", host)).models["atlas"].place == "rabat"


@pytest.mark.parametrize("port", ["many", "70000", "-1", "9" * 30])
def test_a_bad_variable_or_option_is_named(tmp_path: Path, port: str):
    """A variable or an option that does not parse is an error that names it, and no file."""
    for where, given in (("DAFFA_PORT", ({"DAFFA_PORT": port}, {})), ("--port", ({}, {"port": port}))):
        with pytest.raises(DaffaError) as raised:
            read_settings(tmp_path, given[0], **given[1])
        assert (raised.value.code, raised.value.facts["field"]) == ("invalid_field", where)


def test_a_list_in_a_variable_may_have_spaces(tmp_path: Path):
    """Commas part the items; an empty list prefers nothing."""
    assert read_settings(tmp_path, {"DAFFA_PREFER": "home, price ,"}).prefer == ("home", "price")
    assert read_settings(tmp_path, {"DAFFA_PREFER": ""}).prefer == ()


def test_the_key_comes_from_the_environment(tmp_path: Path):
    """The secret itself never stands in the file."""
    settings = read(tmp_path, GOOD.replace("price_in = 1.0", 'key_env = "RABAT_KEY"'), RABAT_KEY="s3cret")
    assert settings.models["atlas"].key == "s3cret"


def test_an_unknown_state_may_be_said(tmp_path: Path):
    """Who does not know where the hardware stands can say so."""
    settings = read(tmp_path, GOOD.replace('hw = "FR"', f'hw = "{UNKNOWN}"'))
    assert settings.places["paris"].hw == UNKNOWN
