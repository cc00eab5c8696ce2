"""Valid identifiers by the thousand: hypothesis strategies that make the true control digits, and ways to write them."""

import datetime

from hypothesis import strategies as st

from daffa.privacy.checks import KNOWN_PREFIXES
from daffa.privacy.fold import MARKS

DAYS = datetime.date(1930, 1, 1), datetime.date(2024, 12, 31)
SYSTEMS = ("0123456789", "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "０１２３４５６７８９")
AROUND = st.text(alphabet="اأبتكلم ي،؛؟ \n\t!«»ⵣⴰ€🙂:,;=|\"'" + MARKS, max_size=40)
"""Text that is part of no identifier."""


def of(size):
    """So many digits."""
    return st.text(alphabet="0123456789", min_size=size, max_size=size)


ribs = of(22).map(lambda account: account + f"{97 - int(account) * 100 % 97:02d}")
ices = of(13).filter(lambda company: int(company) > 0).map(lambda company: company + f"{-int(company) * 100 % 97:02d}")
ibans = ribs.map(lambda account: f"MA{98 - int(account + '221000') % 97:02d}{account}")
cins = st.builds(str.__add__, st.sampled_from(sorted(KNOWN_PREFIXES)), st.integers(5, 6).flatmap(of))
nationals = st.builds(str.__add__, st.sampled_from("5678"), of(8))
emails = st.from_regex(
    r"[a-z0-9_][a-z0-9_+]{0,9}(\.[a-z0-9_]{1,9}){0,2}@([a-z0-9]{1,12}\.){1,3}(ma|com|org|fr)", fullmatch=True
)

GROUPINGS = {
    24: ((24,), (3, 3, 16, 2), (3, 3, 4, 4, 4, 4, 2), (4,) * 6),
    15: ((15,), (9, 4, 2), (3,) * 5),
    10: ((10,), (2,) * 5, (4, 2, 2, 2), (4, 3, 3), (4, 6), (3, 3, 4), (4, 2, 4), (2, 2, 3, 3), (2, 4, 4), (2, 8), (1,) * 10),
    9: ((9,), (1, 2, 2, 2, 2), (3, 3, 3), (3, 2, 2, 2), (1, 8), (3, 6)),
    26: ((26,), (2, 4, 4, 4, 4, 4, 4), (2, 3, 3, 16, 2), (2, 24)),
}
gaps = st.sampled_from([" ", "\u00a0", "\u202f", "\u2009", ".", "-", "\u2011", "/", " - ", "  "])


@st.composite
def grouped(draw, numbers):
    """A number in one of its usual groupings."""
    number, gap = draw(numbers), draw(gaps)
    pieces, start = [], 0
    for size in draw(st.sampled_from(GROUPINGS[len(number)])):
        pieces.append(number[start : start + size])
        start += size
    return gap.join(pieces)


@st.composite
def disguised(draw, written):
    """The same in other digits, with invisible marks inside."""
    text = draw(written).translate(str.maketrans(SYSTEMS[0], draw(st.sampled_from(SYSTEMS))))
    for place in draw(st.lists(st.integers(1, len(text) - 1), max_size=4)):
        text = text[:place] + draw(st.sampled_from(MARKS)) + text[place:]
    return text


phones = st.one_of(
    grouped(nationals.map("0".__add__)),
    st.builds(
        "{}{}{}".format,
        st.sampled_from(["+212", "+212 ", "+212-", "00212", "00 212 ", "+212 (0)", "(+212) "]),
        grouped(nationals),
        st.just(""),
    ),
)
WRITTEN = {
    "rib": disguised(grouped(ribs)),
    "ice": disguised(grouped(ices)),
    "iban": disguised(
        st.builds("{}{}{}".format, st.sampled_from(["MA", "ma", "MA "]), grouped(ibans.map(lambda iban: iban[2:])), st.just(""))
    ),
    "cin": disguised(st.builds(lambda cin, lower: cin.lower() if lower else cin, cins, st.booleans())),
    "phone": disguised(phones),
    "email": emails,
}
"""Type -> a strategy of its written forms."""

NAMED = {
    "cnss": st.builds("{} {}".format, st.sampled_from(["CNSS", "cnss n°", "رقم الضمان الاجتماعي:"]), of(9)),
    "if": st.builds("{} {}".format, st.sampled_from(["IF", "identifiant fiscal :", "التعريف الضريبي"]), of(8)),
    "rc": st.builds("{} {}".format, st.sampled_from(["RC n°", "registre du commerce :", "السجل التجاري رقم"]), of(5)),
    "massar": st.builds("{} K{}".format, st.sampled_from(["massar", "Code élève :", "مسار"]), of(9)),
    "passport": st.builds("{} AB{}".format, st.sampled_from(["passeport", "passport n°", "جواز السفر"]), of(7)),
    "residence_card": st.builds("{} A{}B".format, st.sampled_from(["carte de séjour", "بطاقة الإقامة"]), of(6)),
    "plate": st.builds("{}-أ-{}".format, st.integers(100, 99_999), st.integers(1, 89)),
    "ip": st.ip_addresses(v=4).map("ip {}".format),
    "birth_date": st.builds(
        "{} {:%d/%m/%Y}".format, st.sampled_from(["né le", "مزداد في", "tzad f"]), st.dates(DAYS[0], DAYS[1])
    ),
    "address": st.builds("{}, rue Ibn Sina, Rabat".format, st.integers(1, 999)),
}
"""Type -> a strategy of text that holds one, with the word that names it."""
