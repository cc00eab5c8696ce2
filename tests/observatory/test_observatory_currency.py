"""The one currency of the prices: named where the configuration names it, and never guessed."""

from __future__ import annotations

import pytest

from daffa.errors import Invalid
from daffa.settings import read_settings

PLACE = '[[place]]\nid = "rabat"\nhw = "MA"\noperator = "MA"\nreach = ["MA"]\n'


def config(*currencies, **rates):
    """Models with these currencies, and rates."""
    table = "[exchange]\n" + "".join(f"{name} = {rate}\n" for name, rate in rates.items()) if rates else ""
    models = [
        f'[[model]]\nid = "m{number}"\nwire = "openai"\nurl = "http://127.0.0.1:9/v1"\nplace = "rabat"\n'
        f'price_in = 2.0\ncurrency = "{currency}"\n'
        for number, currency in enumerate(currencies)
    ]
    return PLACE + "".join(models) + table


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        (config("MAD"), "MAD"),
        (config("MAD", "MAD"), "MAD"),
        (config("USD", "MAD", USD=10.0, MAD=1.0), "MAD"),
        (config("USD", USD=10.0, MAD=1.0), "MAD"),
        (config("USD", "EUR", USD=10.0, EUR=11.0), ""),
        (config("USD", "EUR", USD=1.0, EUR=1.0), ""),
        (PLACE, ""),
    ],
)
def test_the_currency_is_named_where_it_can_be(tmp_path, text, currency):
    """The only currency, or that which the rates leave as it is; none where the rates lead to one without a name."""
    (tmp_path / "daffa.toml").write_text(text, encoding="utf-8")
    assert read_settings(tmp_path, {}).currency == currency


def test_a_rate_that_is_missing_stops_the_house(tmp_path):
    """Prices in two currencies without a rate for each are refused, so that no sum mixes them."""
    (tmp_path / "daffa.toml").write_text(config("USD", "MAD", USD=10.0), encoding="utf-8")
    with pytest.raises(Invalid) as caught:
        read_settings(tmp_path, {})
    assert caught.value.facts["field"] == "model[1].currency"
