"""Money, periods and times as Python values."""

from __future__ import annotations

import decimal
from datetime import datetime, timedelta, timezone
from typing import Union

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from ecsd.v1.money_pb2 import Money
from ecsd.v1.period_pb2 import PERIOD_UNIT_MONTH, PERIOD_UNIT_WEEK, PERIOD_UNIT_YEAR, Period

_NANOS = 10**9
_EXACT = decimal.Context(prec=60)


def weeks(count: int) -> Period:
    """Returns a period of weeks."""
    return Period(count=count, unit=PERIOD_UNIT_WEEK)


def months(count: int) -> Period:
    """Returns a period of months."""
    return Period(count=count, unit=PERIOD_UNIT_MONTH)


def years(count: int) -> Period:
    """Returns a period of years."""
    return Period(count=count, unit=PERIOD_UNIT_YEAR)


def money(amount: Union[decimal.Decimal, int, str], currency: str) -> Money:
    """Returns an amount of money, such as ``money("12.50", "CNY")``.

    It never rounds: ValueError if the amount has more than nine decimals or does not fit into 64 bits. A float is
    no amount.
    """
    if isinstance(amount, str) and not amount.lstrip("+-").replace(".", "", 1).isdigit():
        raise ValueError(f"invalid amount {amount!r}: want a decimal number, such as 12.50")
    if isinstance(amount, float):
        raise TypeError("invalid amount: a float is not exact; pass a Decimal or a string")
    if len(currency) != 3 or not currency.isupper():
        raise ValueError(f"invalid currency {currency!r}: want a code of three capital letters, such as CNY")
    try:
        value = decimal.Decimal(amount)
    except decimal.InvalidOperation:
        raise ValueError(f"invalid amount {amount!r}: want a decimal number, such as 12.50") from None
    if not value.is_finite():
        raise ValueError(f"invalid amount {amount!r}: not a number")
    nanos = _EXACT.multiply(value, _NANOS)
    if nanos != nanos.to_integral_value():
        raise ValueError(f"invalid amount {amount!r}: more than nine decimals")
    units, rest = divmod(abs(int(nanos)), _NANOS)
    sign = -1 if nanos < 0 else 1
    if not -(2**63) <= sign * units < 2**63:
        raise ValueError(f"invalid amount {amount!r}: too large")
    return Money(currency_code=currency, units=sign * units, nanos=sign * rest)


def to_decimal(value: Money) -> decimal.Decimal:
    """Returns the exact amount, without its currency."""
    return _EXACT.divide(decimal.Decimal(value.units * _NANOS + value.nanos), _NANOS)


def money_text(value: Money) -> str:
    """Returns the exact amount with its currency and without trailing zeros, such as ``12.5 CNY``."""
    text = format(to_decimal(value), "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"{text} {value.currency_code}"


def to_datetime(value: Timestamp) -> datetime:
    """Returns a time with the zone UTC. Nanoseconds are cut to microseconds."""
    return datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=value.seconds, microseconds=value.nanos // 1000)


def from_datetime(value: datetime) -> Timestamp:
    """Returns a Timestamp of a time with a zone. ValueError if it has none."""
    if value.tzinfo is None:
        raise ValueError("invalid time: it has no zone; use datetime.now(timezone.utc), or set tzinfo")
    since = value - datetime(1970, 1, 1, tzinfo=timezone.utc)
    return Timestamp(seconds=since.days * 86400 + since.seconds, nanos=since.microseconds * 1000)


def to_timedelta(value: Duration) -> timedelta:
    """Returns a span of time."""
    return timedelta(seconds=value.seconds, microseconds=value.nanos // 1000)


def from_timedelta(value: timedelta) -> Duration:
    """Returns a Duration."""
    microseconds = value // timedelta(microseconds=1)
    seconds, rest = divmod(abs(microseconds), 10**6)
    sign = -1 if microseconds < 0 else 1
    return Duration(seconds=sign * seconds, nanos=sign * rest * 1000)
