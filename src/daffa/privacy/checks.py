"""The checks that identifiers carry in themselves. Pure; knows no text.

Sources: ISO 7064 (mod 97), ISO 13616 (IBAN); the RIB key is 97 - (100 n mod 97), so that the whole number is
0 mod 97; the control digits of the ICE are such that the whole number is 0 mod 97 (as in python-stdnum).
"""

from __future__ import annotations

__all__ = ["KNOWN_PREFIXES", "iban", "ice", "rib"]

KNOWN_PREFIXES = frozenset(
    (
        "A AA AB AC AD AE AG AJ AS AY B BA BB BE BF BH BJ BK BL BM BV BW BX C CB CC CD CN D DA DB DC DF DJ DN DO E EA EE ES "
        "F FA FB FC FD FE FG FH FJ FK FL G GA GB GJ GK GM GN H HA HH I IA IB IC ID IE J JA JB JC JD JE JF JH JK JM JT JY JZ "
        "K KA KB L LA LB LC LE LF LG M MA MC MD N O OD P PA PB PK PP PY Q QA QB R RB RC RX S SA SB SH SJ SK SL T TA TK "
        "U UA UB UC UD V VA VM W WA WB X XA Y Z ZG ZH ZT"
    ).split()
)
"""Letters of identity-card numbers, by issuing office, as public lists on the web have them. No official list was found."""


def rib(digits: str) -> bool:
    """Whether 24 digits are a bank account: the key fits, and it is not all zeros."""
    number = int(digits)
    return len(digits) == 24 and number % 97 == 0 and number != 0


def ice(digits: str) -> bool:
    """Whether 15 digits are a company identifier: the control digits fit, and it is not all zeros."""
    number = int(digits)
    return len(digits) == 15 and number % 97 == 0 and number != 0


def iban(digits: str) -> bool:
    """Whether the 26 digits after ``MA`` are an account: both keys fit, that of the IBAN and that of the RIB in it."""
    # M is 22 and A is 10; the country and its key go behind the account before the division.
    return len(digits) == 26 and int(digits[2:] + "2210" + digits[:2]) % 97 == 1 and rib(digits[2:])
