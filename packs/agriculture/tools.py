"""Water that a crop uses and when to irrigate, by the equations of FAO-56. Knows no field, forecast or right to water."""

from __future__ import annotations

import datetime
import math
from typing import Annotated, Literal

import msgspec

from daffa.packs import At, Result, Tool, asked

Crop = Literal["wheat", "barley", "maize", "olive", "citrus", "tomato", "potato", "sugar_beet", "alfalfa", "date_palm"]
Soil = Literal["sand", "loamy_sand", "sandy_loam", "loam", "silt_loam", "silty_clay", "clay"]
Stage = Literal["initial", "development", "mid", "late"]
Method = Literal["net", "surface", "sprinkler", "drip"]

Celsius = Annotated[float, msgspec.Meta(ge=-40, le=60)]
Pressure = Annotated[float, msgspec.Meta(gt=0, le=20)]  # kPa
Percent = Annotated[float, msgspec.Meta(ge=0, le=100)]
Hours = Annotated[float, msgspec.Meta(ge=0, le=24)]
Speed = Annotated[float, msgspec.Meta(ge=0, le=60)]  # m/s
Metres = Annotated[float, msgspec.Meta(gt=0, le=5)]
PerMetre = Annotated[float, msgspec.Meta(gt=0, le=400)]  # mm of water a metre of soil

# One millimetre of water on one hectare.
_CUBIC_METRES = 10.0

# What a step, a warning or a refusal says: in French, Arabic, English.
_WORDS = {
    "air": (
        "Température moyenne {mean} °C ; l'air peut encore prendre {deficit} kPa de vapeur.",
        "معدل الحرارة {mean} °C؛ يمكن للهواء أن يأخذ {deficit} kPa أخرى من البخار.",
        "Mean temperature {mean} °C; the air can still take {deficit} kPa of vapour.",
    ),
    "sun": (
        "Rayonnement au-dessus de l'atmosphère {top}, au sol {ground}, net {net} MJ/m² par jour.",
        "الإشعاع فوق الغلاف الجوي {top}، وعلى الأرض {ground}، والصافي {net} MJ/m² في اليوم.",
        "Radiation above the atmosphere {top}, at the ground {ground}, net {net} MJ/m² a day.",
    ),
    "wind": ("Vent à 2 m : {wind} m/s.", "الريح على علو 2 m: {wind} m/s.", "Wind at 2 m: {wind} m/s."),
    "eto": (
        "Évapotranspiration de référence (équation 6) : {eto} mm par jour.",
        "التبخر والنتح المرجعي (المعادلة 6): {eto} mm في اليوم.",
        "Reference evapotranspiration (equation 6): {eto} mm a day.",
    ),
    "missing": (
        "Données supposées faute de mesure : {what}. Une mesure de la station donne un meilleur résultat.",
        "معطيات مفترضة لعدم قياسها: {what}. قياس المحطة يعطي نتيجة أحسن.",
        "Assumed for want of a measurement: {what}. A measurement of the station gives a better result.",
    ),
    "humidity": ("humidité", "الرطوبة", "humidity"),
    "sunshine": ("ensoleillement", "ساعات الشمس", "sunshine"),
    "wind_speed": ("vent", "الريح", "wind"),
    "kc": (
        "Coefficient de la culture : {kc} ; besoin : {kc} × {eto} × {days} jours = {need} mm.",
        "معامل الزرع: {kc}؛ الحاجة: {kc} × {eto} × {days} يوما = {need} mm.",
        "Crop coefficient: {kc}; need: {kc} × {eto} × {days} days = {need} mm.",
    ),
    "kc_curve": (
        "Coefficient moyen du jour {first} au jour {last} après le semis : {kc} ; besoin : {need} mm.",
        "متوسط المعامل من اليوم {first} إلى اليوم {last} بعد الزرع: {kc}؛ الحاجة: {need} mm.",
        "Mean coefficient from day {first} to day {last} after sowing: {kc}; need: {need} mm.",
    ),
    "rain": (
        "Moins la pluie utile : {rain} mm, reste {left} mm.",
        "ناقص المطر النافع: {rain} mm، يبقى {left} mm.",
        "Less useful rain: {rain} mm, {left} mm left.",
    ),
    "efficiency": (
        "Divisé par l'efficience de l'irrigation {share} : {gross} mm à apporter.",
        "مقسوم على كفاءة السقي {share}: {gross} mm يجب إعطاؤها.",
        "Divided by the efficiency of irrigation {share}: {gross} mm to apply.",
    ),
    "volume": (
        "Volume : {depth} mm × 10 × {area} ha = {volume} m³.",
        "الحجم: {depth} mm × 10 × {area} ha = {volume} m³.",
        "Volume: {depth} mm × 10 × {area} ha = {volume} m³.",
    ),
    "standard": (
        "Pour une culture saine et bien arrosée ; un coefficient mesuré dans la région est meilleur.",
        "لزرع سليم ومسقي جيدا؛ والمعامل المقيس في المنطقة أحسن.",
        "For a healthy, well-watered crop; a coefficient measured in the region is better.",
    ),
    "reserve": (
        "Réserve totale : {water} mm/m × {root} m = {total} mm.",
        "المخزون الكلي: {water} mm/m × {root} m = {total} mm.",
        "Total reserve: {water} mm/m × {root} m = {total} mm.",
    ),
    "easy": (
        "Réserve facile à prendre : {share} × {total} = {easy} mm (équation 83).",
        "المخزون السهل: {share} × {total} = {easy} mm (المعادلة 83).",
        "Easy reserve: {share} × {total} = {easy} mm (equation 83).",
    ),
    "interval": (
        "Sans pluie : {easy} ÷ {etc} mm par jour = {days} jours entre deux arrosages.",
        "دون مطر: {easy} ÷ {etc} mm في اليوم = {days} يوما بين سقيتين.",
        "Without rain: {easy} ÷ {etc} mm a day = {days} days between two irrigations.",
    ),
    "soil_range": (
        "Le sol peut donner de {least} à {most} mm par mètre ; le milieu est pris.",
        "يعطي التراب من {least} إلى {most} mm في المتر؛ أخذ الوسط.",
        "The soil can give {least} to {most} mm a metre; the middle is taken.",
    ),
    "before_sowing": ("une période après le semis", "فترة بعد الزرع", "a period after sowing"),
    "in_season": (
        "une période dans la saison, qui dure {days} jours",
        "فترة داخل الموسم الذي يدوم {days} يوما",
        "a period in the season, which lasts {days} days",
    ),
    "no_season": (
        "un stade : cette culture n'a pas de durées dans la table 11",
        "مرحلة: ليست لهذا الزرع مدد في الجدول 11",
        "a stage: this crop has no lengths in table 11",
    ),
    "order": ("au moins la température minimale", "على الأقل الحرارة الدنيا", "at least the lowest temperature"),
}


def _say(at: At, name: str, **facts: object) -> str:
    fr, ar, en = (words.format(**facts) for words in _WORDS[name])
    return at.say(fr=fr, ar=ar, en=en)


def _number(at: At, value: float, digits: int = 2) -> str:
    text = f"{value:,.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text if at.language == "en" else text.replace(",", " ").replace(".", ",")


_COASTAL = (
    "au bord de la mer", "en bord de mer", "près de la mer", "sur la côte", "littoral", "by the sea", "on the coast", "coastal",
    "على الساحل", "قرب البحر", "بجانب البحر", "حدا البحر", "7da lb7er", "hda lbhar",
)  # fmt: skip


class Weather(msgspec.Struct, frozen=True, kw_only=True):
    """Weather of a day, or the means of a month; what is not measured is left out."""

    latitude: Annotated[float, asked(fr="latitude en degrés", ar="خط العرض", en="latitude in degrees", ge=-66, le=66)]
    altitude: Annotated[float, asked(fr="altitude en m", ar="العلو بالأمتار", en="altitude in m", ge=-430, le=5000)]
    tmin: Annotated[Celsius, asked(fr="température minimale", ar="الحرارة الدنيا", en="lowest temperature")]
    tmax: Annotated[Celsius, asked(fr="température maximale", ar="الحرارة القصوى", en="highest temperature")]
    vapour_pressure: Annotated[Pressure | None, asked(fr="pression de vapeur", ar="ضغط البخار", en="vapour pressure")] = None
    humidity_min: Annotated[Percent | None, asked(fr="humidité minimale", ar="الرطوبة الدنيا", en="lowest humidity")] = None
    humidity_max: Annotated[Percent | None, asked(fr="humidité maximale", ar="الرطوبة القصوى", en="highest humidity")] = None
    sunshine: Annotated[Hours | None, asked(fr="heures de soleil", ar="ساعات الشمس", en="hours of sun")] = None
    wind: Annotated[Speed | None, asked(fr="vent, m/s", ar="الريح m/s", en="wind, m/s")] = None
    wind_height: Annotated[float, asked(fr="hauteur du vent, m", ar="علو الريح m", en="height of wind, m", gt=0.5, le=200)] = 2
    previous_mean: Annotated[Celsius | None, asked(fr="moyenne du mois d'avant", ar="معدل الشهر السابق", en="last month")] = (
        None
    )
    coastal: Annotated[bool, asked(fr="au bord de la mer", ar="على الساحل", en="by the sea", words=_COASTAL)] = False


def reference_evapotranspiration(question: Weather, at: At) -> Result:
    """FAO Penman-Monteith, equation 6, of a day, or of a month where ``previous_mean`` is given."""
    if question.tmax < question.tmin:
        at.refuse("tmax", _say(at, "order"), question.tmax)
    mean = (question.tmax + question.tmin) / 2
    saturated = (_saturation(question.tmax) + _saturation(question.tmin)) / 2
    vapour, missing = _vapour(question), []
    if vapour is None:
        vapour, missing = _saturation(question.tmin), [_say(at, "humidity")]
    if question.sunshine is None:
        missing.append(_say(at, "sunshine"))
    wind = question.wind
    if wind is None:
        wind, missing = at.number("usual_wind"), [*missing, _say(at, "wind_speed")]
    else:
        wind *= 4.87 / math.log(67.8 * question.wind_height - 5.42)
    top, ground, net = _radiation(question, at, vapour)
    soil = 0.0 if question.previous_mean is None else 0.14 * (mean - question.previous_mean)
    slope = 4098 * _saturation(mean) / (mean + 237.3) ** 2
    gamma = 0.000665 * 101.3 * ((293 - 0.0065 * question.altitude) / 293) ** 5.26
    energy = 0.408 * slope * (net - soil)
    drying = gamma * 900 / (mean + 273) * wind * max(0.0, saturated - vapour)
    eto = max(0.0, (energy + drying) / (slope + gamma * (1 + 0.34 * wind)))
    steps = [
        _say(at, "air", mean=_number(at, mean, 1), deficit=_number(at, max(0.0, saturated - vapour))),
        _say(at, "sun", top=_number(at, top, 1), ground=_number(at, ground, 1), net=_number(at, net, 1)),
        _say(at, "wind", wind=_number(at, wind)),
        _say(at, "eto", eto=_number(at, eto)),
    ]
    warning = _say(at, "missing", what=", ".join(missing)) if missing else ""
    return at.result(round(eto, 2), "mm/day", steps, warning)


def _saturation(temperature: float) -> float:
    """Equation 11, kPa."""
    return 0.6108 * math.exp(17.27 * temperature / (temperature + 237.3))


def _vapour(question: Weather) -> float | None:
    """Actual vapour pressure, kPa: measured, else equation 17, 18 or 19 from humidity; ``None`` where there is neither."""
    if question.vapour_pressure is not None:
        return question.vapour_pressure
    cold, hot = _saturation(question.tmin), _saturation(question.tmax)
    low, high = question.humidity_min, question.humidity_max
    if low is not None and high is not None:
        return (cold * high + hot * low) / 200
    if high is not None:
        return cold * high / 100
    return None if low is None else hot * low / 100


def extraterrestrial(latitude: float, day: datetime.date) -> tuple[float, float]:
    """Radiation above the atmosphere, MJ/m2 a day (equation 21), and hours of daylight (equation 34)."""
    turn = 2 * math.pi * ((day - datetime.date(day.year, 1, 1)).days + 1) / 365
    phi, tilt = math.radians(latitude), 0.409 * math.sin(turn - 1.39)
    sunset = math.acos(-math.tan(phi) * math.tan(tilt))
    nearness = 1 + 0.033 * math.cos(turn)
    height = sunset * math.sin(phi) * math.sin(tilt) + math.cos(phi) * math.cos(tilt) * math.sin(sunset)
    return 24 * 60 / math.pi * 0.0820 * nearness * height, 24 / math.pi * sunset


def _radiation(question: Weather, at: At, vapour: float) -> tuple[float, float, float]:
    """Above the atmosphere, at the ground, net: MJ/m2 a day (equations 21, 35 or 50, 37 to 40)."""
    top, daylight = extraterrestrial(question.latitude, at.day)
    clear = (0.75 + 2e-5 * question.altitude) * top
    if question.sunshine is None:
        factor = at.table("temperature_to_radiation")["coastal" if question.coastal else "interior"]
        ground = min(factor * math.sqrt(question.tmax - question.tmin) * top, clear)
    else:
        share = at.table("sunshine_to_radiation")
        ground = (share["overcast"] + share["clear"] * min(1.0, question.sunshine / daylight)) * top
    warmth = sum((temperature + 273.16) ** 4 for temperature in (question.tmax, question.tmin)) / 2
    cloud = 1.35 * min(1.0, ground / clear) - 0.35
    lost = 4.903e-9 * warmth * (0.34 - 0.14 * math.sqrt(vapour)) * cloud
    return top, ground, (1 - at.number("albedo")) * ground - lost


class CropWater(msgspec.Struct, frozen=True, kw_only=True):
    """A crop over some days: at a stage, or since it was sown."""

    crop: Annotated[Crop, asked(fr="culture", ar="الزرع", en="crop")]
    eto: Annotated[float, asked(fr="ETo, mm par jour", ar="التبخر المرجعي mm في اليوم", en="ETo, mm a day", ge=0, le=20)]
    days: Annotated[int, asked(fr="nombre de jours", ar="عدد الأيام", en="number of days", ge=1, le=366)] = 1
    area: Annotated[float, asked(fr="surface, ha", ar="المساحة بالهكتار", en="area, ha", gt=0, le=1_000_000)] = 1
    stage: Annotated[Stage, asked(fr="stade", ar="المرحلة", en="stage")] = "mid"
    sown: Annotated[datetime.date | None, asked(fr="jour du semis", ar="يوم الزرع", en="day of sowing")] = None
    rain: Annotated[float, asked(fr="pluie utile, mm", ar="المطر النافع mm", en="useful rain, mm", ge=0, le=5000)] = 0
    method: Annotated[Method, asked(fr="mode d'irrigation", ar="طريقة السقي", en="irrigation method")] = "net"


def crop_water_need(question: CropWater, at: At) -> Result:
    """Kc x ETo over the days (equations 58 and 66), less useful rain, over the efficiency of the method, on the area."""
    crop = at.table(f"crop_{question.crop}")
    steps = []
    if question.sown is None:
        kc = _at_stage(crop, question.stage)
        need = kc * question.eto * question.days
        steps.append(
            _say(at, "kc", kc=_number(at, kc, 3), eto=_number(at, question.eto), days=question.days, need=_number(at, need))
        )
    else:
        first = _days_since(question, at, crop)
        kc = sum(_on_day(crop, first + step) for step in range(question.days)) / question.days
        need = kc * question.eto * question.days
        last = first + question.days - 1
        steps.append(_say(at, "kc_curve", first=first, last=last, kc=_number(at, kc), need=_number(at, need)))
    if question.rain:
        need = max(0.0, need - question.rain)
        steps.append(_say(at, "rain", rain=_number(at, question.rain), left=_number(at, need)))
    if question.method != "net":
        share = at.table("application_efficiency")[question.method]
        need /= share
        steps.append(_say(at, "efficiency", share=_number(at, share), gross=_number(at, need)))
    volume = need * _CUBIC_METRES * question.area
    steps.append(_say(at, "volume", depth=_number(at, need), area=_number(at, question.area), volume=_number(at, volume)))
    return at.result(round(volume, 2), "m3", steps, _say(at, "standard"))


def _at_stage(crop: dict[str, float], stage: Stage) -> float:
    """The coefficient of a stage: of the two that change, its mean."""
    first, mid, end = crop["kc_initial"], crop["kc_mid"], crop["kc_end"]
    return {"initial": first, "development": (first + mid) / 2, "mid": mid, "late": (mid + end) / 2}[stage]


def _days_since(question: CropWater, at: At, crop: dict[str, float]) -> int:
    """Days from sowing to the day asked about; refuses what is outside the season."""
    if "days_initial" not in crop:
        at.refuse("sown", _say(at, "no_season"), question.crop)
    since = (at.day - (question.sown or at.day)).days
    if since < 0:
        at.refuse("sown", _say(at, "before_sowing"), question.sown)
    season = sum(length for name, length in crop.items() if name.startswith("days_"))
    if since + question.days > season:
        at.refuse("days", _say(at, "in_season", days=int(season)), since + question.days)
    return since


def _on_day(crop: dict[str, float], day: int) -> float:
    """The coefficient ``day`` days after sowing (equation 66)."""
    growing = crop["days_initial"]
    grown = growing + crop["days_development"]
    ageing = grown + crop["days_mid"]
    if day < growing:
        return crop["kc_initial"]
    if day < grown:
        return crop["kc_initial"] + (day - growing) / crop["days_development"] * (crop["kc_mid"] - crop["kc_initial"])
    if day < ageing:
        return crop["kc_mid"]
    return crop["kc_mid"] + (day - ageing) / crop["days_late"] * (crop["kc_end"] - crop["kc_mid"])


class Interval(msgspec.Struct, frozen=True, kw_only=True):
    """A crop on a soil, and what it uses a day."""

    crop: Annotated[Crop, asked(fr="culture", ar="الزرع", en="crop")]
    use: Annotated[float, asked(fr="eau consommée, mm par jour", ar="الاستهلاك mm في اليوم", en="use, mm a day", gt=0, le=25)]
    soil: Annotated[Soil, asked(fr="sol", ar="نوع التراب", en="soil")] = "loam"
    root_depth: Annotated[Metres | None, asked(fr="racines, m", ar="عمق الجذور m", en="roots, m")] = None
    available_water: Annotated[PerMetre | None, asked(fr="eau utile, mm par m", ar="الماء النافع", en="available water")] = None


def irrigation_interval(question: Interval, at: At) -> Result:
    """Days until the easy water is used up: TAW (equation 82), RAW (83), p adjusted for the use of the day (table 22)."""
    crop = at.table(f"crop_{question.crop}")
    steps, water = [], question.available_water
    if water is None:
        ranges = at.table("available_water")
        least, most = ranges[f"{question.soil}_least"], ranges[f"{question.soil}_most"]
        water = (least + most) / 2
        steps.append(_say(at, "soil_range", least=_number(at, least), most=_number(at, most)))
    # Table 22: for scheduling, the smaller depth.
    root = crop["root_least"] if question.root_depth is None else question.root_depth
    share = min(0.8, max(0.1, crop["depletion"] + 0.04 * (5 - question.use)))
    total = water * root
    easy = share * total
    days = easy / question.use
    steps += [
        _say(at, "reserve", water=_number(at, water), root=_number(at, root), total=_number(at, total)),
        _say(at, "easy", share=_number(at, share), total=_number(at, total), easy=_number(at, easy)),
        _say(at, "interval", easy=_number(at, easy), etc=_number(at, question.use), days=_number(at, days, 1)),
    ]
    return at.result(round(days, 1), "day", steps, _say(at, "standard"))


TOOLS = (
    Tool(
        name="reference_evapotranspiration",
        title={"fr": "Évapotranspiration de référence", "ar": "التبخر والنتح المرجعي", "en": "Reference evapotranspiration"},
        input=Weather,
        run=reference_evapotranspiration,
        cues={
            "fr": ("évapotranspiration", "ETo", "ET0"),
            "ar": ("التبخر والنتح", "التبخر"),
            "en": ("evapotranspiration", "ETo"),
        },
    ),
    Tool(
        name="crop_water_need",
        title={"fr": "Besoin en eau d'une culture", "ar": "حاجة الزرع إلى الماء", "en": "Water need of a crop"},
        input=CropWater,
        run=crop_water_need,
        cues={
            "fr": ("besoin en eau", "combien d'eau", "mètres cubes"),
            "ar": ("حاجة الزرع", "كم من الماء", "شحال ديال الما", "ch7al dyal lma", "chhal dyal lma", "shhal d lma"),
            "en": ("water need", "how much water"),
        },
    ),
    Tool(
        name="irrigation_interval",
        title={"fr": "Jours entre deux irrigations", "ar": "عدد الأيام بين سقيتين", "en": "Days between two irrigations"},
        input=Interval,
        run=irrigation_interval,
        cues={
            "fr": ("tous les combien", "quand arroser", "entre deux irrigations"),
            "ar": ("كل كم يوم", "متى أسقي", "شحال من نهار"),
            "en": ("how often", "when to irrigate"),
        },
    ),
)
