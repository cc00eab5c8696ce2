"""A small folder of lines with the layout of the shared data, for tests of what learns from it."""

import csv
import gzip
import io
import json

SAMPLES = {
    "ary-Latn": [
        "bghit nmchi l dar daba",
        "wach nta labas",
        "ma3ndich lflous khoya",
        "chno smitek nta",
        "khassni nkhdem ghedda",
    ],
    "ary-Arab": ["بغيت نمشي للدار دابا", "هادشي ديال خويا بزاف", "شنو كتدير نتا هنا", "المدينة كانت كبيرة بزاف هاد العام"],
    "ar-Arab": ["ذهبت إلى المدرسة صباحا", "هذا الكتاب الذي قرأته", "يجب أن نذهب الآن", "لا أعرف ماذا أفعل"],
    "fr-Latn": ["je vais à la maison", "le certificat est prêt", "nous avons une question", "il fait beau demain"],
    "en-Latn": ["i am going home now", "the certificate is ready", "we have a question", "it is fine weather"],
    "es-Latn": ["voy a la casa ahora", "el certificado está listo", "tenemos una pregunta", "hace buen tiempo mañana"],
    "kab-Latn": ["ad nruḥ ɣer temdint", "yella wegdud deg uxxam", "tanemmirt-nwen ay imeddukal", "acu i d isem-ik"],
    "zgh-Latn": ["tamaziɣt tga tutlayt n umur", "ar ttmyarn tirra", "illa wakal g tmazirt", "manza tigmmi nns"],
    "zgh-Tfng": ["ⵜⴰⵎⴰⵣⵉⵖⵜ ⵜⴳⴰ ⵜⵓⵜⵍⴰⵢⵜ", "ⴰⵔ ⵜⵜⵎⵢⴰⵔⵏ ⵜⵉⵔⵔⴰ", "ⵉⵍⵍⴰ ⵡⴰⴽⴰⵍ ⴳ ⵜⵎⴰⵣⵉⵔⵜ"],
    "taq-Tfng": ["ⴰⵍⵈⴰⴷⴷⵓ ⵏ ⵜⴰⴾⴰⵔⴰⴹⵜ", "ⵉⵍⵍⴰ ⴷⴰⵗ ⴰⴾⴰⵍ", "ⵜⴻⵎⴻⴷⴻ ⵏⴰⵓⴰⵜⴰⵉ"],
    "taq-Latn": ["illa dǎɣ akal wan tenere", "eqqal anafham n tamazduq", "aqalan awityan wi olaɣnen"],
    "oth-it": ["questa mattina vado a casa", "il certificato è pronto", "abbiamo una domanda"],
    "oth-fa": ["این کتاب را خریدم", "من به خانه می‌روم", "هوا خوب است"],
    "oth-ur": ["یہ کتاب میری ہے", "میں گھر جا رہا ہوں", "موسم اچھا ہے"],
}
PHRASE = {"Arabe_Standard": "كم الثمن؟", "Darija_Arabe": "بشحال؟", "Arabizi": "bch7al?"}
PARALLEL = ("id", "en", "ary_Arab", "zgh_Tfng", "taq_Latn", "taq_Tfng")


def corpus(folder):
    """A small folder with the layout of the shared data: permissive lines, others, a damaged label, twins."""
    rows = {language: [(text, "CC0-1.0", "common-voice") for text in texts] for language, texts in SAMPLES.items()}
    rows["ary-Latn"] += [
        ("hadchi machi dyali a sahbi 3afak", "CC-BY-NC-4.0", "DODa"),
        ("BGHIT nmchi, l dar daba!", "CC-BY-NC-4.0", "DODa"),
    ]
    rows["ary-Arab"] += [
        ("بغيت نمشي ل دار دابا", "CC-BY-NC-4.0", "DODa"),
        ("كنتسناك حدا الباب الكبير ديال السوق", "GPL-2.0+", "wiki"),
    ]
    rows["taq-Tfng"] += [("ⵜⴰⵎⴰⵣⵉⵖⵜ ⵜⴳⴰ ⵜⵓⵜⵍⴰⵢⵜ ⵏ ⵖⵓⵕ", "CC-BY-SA-4.0", "openlanguagedata/seed")]
    rows["kab-Latn"] += [("yuli wass ɣef medden akk", "none stated", "KabyleNLP")]
    (folder / "lang").mkdir()
    for language, texts in rows.items():
        objects(
            folder / f"lang/{language}.jsonl.gz", [{"text": t, "lic": licence, "src": source} for t, licence, source in texts]
        )
    law = {"law": "l1", "text": "يحدد هذا القانون شروط منح الرخصة. " * 2, "title": "قانون المالية"}
    for name in ("laws_ar_articles", "laws_ar_index", "laws_fr_articles"):
        (folder / "docs").mkdir(exist_ok=True)
        objects(folder / f"docs/{name}.jsonl.gz", [law])
    (folder / "qa").mkdir()
    objects(folder / "qa/smartly_domain_phrases.jsonl.gz", [PHRASE])
    table(
        folder / "parallel/oldi_seed_en_ary_zgh_taq.tsv.gz", PARALLEL, [(str(n), f"en {n}", "", "", "", "") for n in range(3)]
    )
    table(
        folder / "translit/ary_arabizi_arab_pairs.tsv.gz",
        ("arabizi", "arab", "en", "src", "lic"),
        [("salam", "سلام", "Hello my friend", "SmartlyAI", "CC-BY-NC-4.0"), ("lbab", "الباب", "", "DODa", "CC-BY-NC-4.0")],
    )
    return folder


def objects(path, rows):
    """Write rows as JSON lines, compressed."""
    path.write_bytes(gzip.compress("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()))


def table(path, header, rows):
    """Write rows as tab-separated values, compressed."""
    path.parent.mkdir()
    text = io.StringIO()
    csv.writer(text, delimiter="\t", lineterminator="\n").writerows([header, *rows])
    path.write_bytes(gzip.compress(text.getvalue().encode()))
