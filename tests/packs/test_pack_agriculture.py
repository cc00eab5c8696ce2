"""Water of crops: the calculators give the examples of FAO-56, and the texts state the figures that they compute with."""

import datetime
import importlib.util
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daffa.errors import Invalid
from daffa.packs import Origin, Tools, read_pack

FOLDER = Path(__file__).parents[2] / "packs" / "agriculture"
DAY = datetime.date(2026, 6, 1)
MARRAKECH = {"latitude": 31.6, "altitude": 466, "tmin": 15.0, "tmax": 32.0, "wind": 2.0, "sunshine": 10.0}
few = settings(max_examples=15, deadline=None)


@pytest.fixture(scope="module")
def pack():
    """The pack as it is shipped."""
    return read_pack(FOLDER, Origin.SHIPPED)


@pytest.fixture(scope="module")
def ask(pack):
    """Call a tool on a day of 2026, in warm processes."""
    with Tools([pack]) as tools:

        def asking(tool, language="fr", **arguments):
            return tools.call(pack.id, tool, {"day": str(DAY), **arguments}, day=DAY, language=language)

        yield asking


@pytest.fixture(scope="module")
def equations():
    """The module of the tools, for the parts of the calculation that have published values of their own."""
    spec = importlib.util.spec_from_file_location("agriculture_tools", FOLDER / "tools.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def crop(pack, name):
    """The figures of a crop."""
    return pack.parameters.on(f"crop_{name}", DAY).value


def text_of(pack, name):
    """The French text of a document."""
    (document,) = [one for one in pack.documents if (one.name, one.language) == (name, "fr")]
    return document.text


def comma(value, digits=2):
    """0.7 as French writes it."""
    return f"{value:.{digits}f}".replace(".", ",")


def test_radiation_above_the_atmosphere_is_that_of_example_8(equations):
    """At 20 degrees south on 3 September: 32.2 MJ/m2 a day."""
    radiation, _ = equations.extraterrestrial(-20, datetime.date(1998, 9, 3))
    assert radiation == pytest.approx(32.2, abs=0.05)


def test_hours_of_daylight_are_those_of_example_9(equations):
    """At 20 degrees south on 3 September: 11.7 hours."""
    _, hours = equations.extraterrestrial(-20, datetime.date(1998, 9, 3))
    assert hours == pytest.approx(11.7, abs=0.05)


@given(warmer=st.floats(0, 10), sunnier=st.floats(0, 3), windier=st.floats(0, 5))
@few
def test_heat_sun_and_wind_raise_what_evaporates(ask, warmer, sunnier, windier):
    """In a dry climate none of the three lowers the reference evapotranspiration."""
    usual = ask("reference_evapotranspiration", **MARRAKECH).value
    for change in ({"tmax": 32 + warmer}, {"sunshine": 10 + sunnier}, {"wind": 2 + windier}):
        assert ask("reference_evapotranspiration", **{**MARRAKECH, **change}).value >= usual - 0.01


@given(
    latitude=st.floats(-66, 66),
    tmin=st.floats(-10, 30),
    span=st.floats(0, 25),
    humidity=st.floats(0, 100),
    day=st.dates(datetime.date(2020, 1, 1), datetime.date(2026, 12, 31)),
)
@few
def test_any_weather_gives_a_depth_of_water(ask, latitude, tmin, span, humidity, day):
    """Between the polar circles no weather makes the calculation fail or fall below nothing."""
    weather = {"latitude": latitude, "altitude": 100, "tmin": tmin, "tmax": tmin + span, "humidity_max": humidity}
    assert 0 <= ask("reference_evapotranspiration", day=str(day), **weather).value < 20


@given(eto=st.floats(0.5, 12), area=st.floats(0.1, 500), days=st.integers(1, 30))
@few
def test_the_need_grows_with_area_days_and_evaporation(ask, pack, eto, area, days):
    """At one stage the volume is coefficient, evaporation, days and area, times ten."""
    need = ask("crop_water_need", crop="maize", eto=eto, area=area, days=days, stage="mid").value
    assert need == pytest.approx(crop(pack, "maize")["kc_mid"] * eto * days * area * 10, abs=0.01)


@pytest.mark.parametrize("name", ["wheat", "barley", "maize", "olive", "citrus", "tomato", "potato", "sugar_beet"])
def test_a_season_is_the_sum_of_its_stages(ask, pack, name):
    """Day by day over the whole season the need is that of the four stages, each with its length."""
    table = crop(pack, name)
    lengths = {key.removeprefix("days_"): int(length) for key, length in table.items() if key.startswith("days_")}
    whole = ask("crop_water_need", crop=name, eto=5, days=sum(lengths.values()), sown=str(DAY)).value
    stages = [ask("crop_water_need", crop=name, eto=5, days=days, stage=stage).value for stage, days in lengths.items()]
    assert whole == pytest.approx(sum(stages), rel=0.01)


def test_rain_and_method_change_what_is_applied(ask):
    """Rain is taken off, never below nothing; what the method loses is added."""
    asked = {"crop": "tomato", "eto": 5, "days": 10, "stage": "mid"}
    assert ask("crop_water_need", **asked).value == 575
    assert ask("crop_water_need", **asked, rain=17.5).value == 400
    assert ask("crop_water_need", **asked, rain=100).value == 0
    assert ask("crop_water_need", **asked, rain=17.5, method="surface").value == pytest.approx(666.67)


def test_deep_roots_wait_longer_and_hot_days_shorter(ask):
    """The interval grows with the roots, and falls faster than the use of water rises."""
    shallow, deep = (ask("irrigation_interval", crop="tomato", use=5, root_depth=depth).value for depth in (0.5, 1.0))
    assert deep == pytest.approx(2 * shallow, abs=0.2)
    assert ask("irrigation_interval", crop="tomato", use=10, root_depth=1.0).value < deep / 2


def test_a_field_is_watered_for_the_least_depth_of_its_roots(ask, pack):
    """Where no depth is given the smaller one of table 22 is taken, as FAO-56 says for scheduling."""
    given_none = ask("irrigation_interval", crop="potato", use=5, soil="clay").value
    assert (
        given_none
        == ask("irrigation_interval", crop="potato", use=5, soil="clay", root_depth=crop(pack, "potato")["root_least"]).value
    )


@pytest.mark.parametrize(
    ("tool", "arguments", "field"),
    [
        ("reference_evapotranspiration", {**MARRAKECH, "tmin": 33.0}, "tmax"),
        ("reference_evapotranspiration", {**MARRAKECH, "wind": -1}, "wind"),
        ("crop_water_need", {"crop": "wheat", "eto": 4, "sown": "2026-07-01"}, "sown"),
        ("crop_water_need", {"crop": "wheat", "eto": 4, "sown": "2025-01-01"}, "days"),
        ("crop_water_need", {"crop": "alfalfa", "eto": 4, "sown": "2026-05-01"}, "sown"),
        ("crop_water_need", {"crop": "rice", "eto": 4}, "crop"),
        ("irrigation_interval", {"crop": "wheat", "use": 0}, "use"),
    ],
)
def test_what_makes_no_sense_is_refused_by_its_field(ask, tool, arguments, field):
    """The refusal names what was wrong."""
    with pytest.raises(Invalid) as refused:
        ask(tool, **arguments)
    assert refused.value.facts["field"] == field


def test_missing_measurements_are_named(ask):
    """Who gives temperatures alone is told what was assumed."""
    alone = {name: MARRAKECH[name] for name in ("latitude", "altitude", "tmin", "tmax")}
    warning = ask("reference_evapotranspiration", language="en", **alone).warning
    assert all(word in warning for word in ("humidity", "sunshine", "wind"))
    assert ask("reference_evapotranspiration", humidity_min=20, humidity_max=70, **MARRAKECH).warning == ""


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("wheat", "Le blé d'hiver a un coefficient Kc de {} au début, {} à la mi-saison et {} à la récolte"),
        ("barley", "L'orge a un coefficient Kc de {} au début, {} à la mi-saison et {} à la récolte"),
        ("maize", "Le maïs grain a un coefficient Kc de {} au début, {} à la mi-saison et {} à la récolte sèche"),
        ("sugar_beet", "La betterave à sucre a un coefficient Kc de {} au début, {} à la mi-saison et {} à la récolte"),
        ("tomato", "La tomate a un coefficient Kc de {} au début, {} à la mi-saison et {} à la fin"),
        ("potato", "La pomme de terre a un coefficient Kc de {} au début, {} à la mi-saison et {} à la récolte"),
        ("citrus", "un coefficient Kc de {} au début, {} à la mi-saison et {} à la fin"),
    ],
)
def test_the_text_states_the_coefficients_that_are_computed_with(pack, name, words):
    """The three coefficients of a crop in the text are those of its parameter."""
    values = (crop(pack, name)[key] for key in ("kc_initial", "kc_mid", "kc_end"))
    assert words.format(*map(comma, values)) in text_of(pack, "crop-water")


@pytest.mark.parametrize(("name", "days"), [("wheat", 240), ("tomato", 145), ("potato", 125)])
def test_the_text_states_the_seasons_that_are_computed_with(pack, name, days):
    """The length of a season in the text is the sum of its stages."""
    assert sum(length for key, length in crop(pack, name).items() if key.startswith("days_")) == days
    assert f"environ {days} jours" in text_of(pack, "crop-water")


def test_the_text_states_the_soils_and_shares_that_are_computed_with(pack):
    """Available water, depletion, roots and efficiency in the texts are those of the parameters."""
    soils, text = pack.parameters.on("available_water", DAY).value, text_of(pack, "when-to-irrigate")
    for soil in ("sand", "loam", "clay"):
        assert f"de {soils[f'{soil}_least']:g} à {soils[f'{soil}_most']:g} millimètres" in text
    for name, words in {
        "potato": "La pomme de terre souffre dès que",
        "tomato": "La tomate souffre dès que",
        "olive": "que lorsque",
    }.items():
        assert f"{words} {crop(pack, name)['depletion'] * 100:.0f} % de la réserve" in text
    for name in ("potato", "tomato", "wheat", "olive"):
        least, most = (comma(crop(pack, name)[key], 1) for key in ("root_least", "root_most"))
        assert f"de {least} à {most} mètre" in text
    shares = pack.parameters.on("application_efficiency", DAY).value
    for share in shares.values():
        assert f"environ {share * 100:.0f} % de l'eau apportée" in text_of(pack, "crop-water")


@pytest.mark.parametrize(("language", "word"), [("fr", "jours"), ("ar", "يوما"), ("en", "days")])
def test_steps_are_in_the_language_asked_for(ask, language, word):
    """The way of the calculation is told in the asker's language."""
    result = ask("crop_water_need", language=language, crop="olive", eto=6, days=7, area=2)
    assert result.unit == "m3"
    assert word in result.steps[0]
    assert {used.source for used in result.used} == {"fao-56-tables"}
