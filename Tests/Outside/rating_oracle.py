"""What a visit costs, written a second time from docs/contracts.md.

Nothing here comes from the Swift code: numbers are decimals and fractions of Python, time zones
are Python's. If the two disagree, one of them, or the document, is wrong.
"""

from datetime import datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import ceil
from zoneinfo import ZoneInfo

CENT = Decimal("0.01")


def billed_seconds(service, present):
    """The first step whole, then whole further steps, and never less than the minimum."""
    if present == 0:
        return 0
    first = service["increment"]["first_seconds"]
    following = service["increment"]["next_seconds"]
    steps = ceil(Fraction(max(present - first, 0), following))
    return max(first + steps * following, service["minimum_seconds"])


def in_cents(exact):
    """Half a cent goes up. The exact amount has finitely many decimals."""
    decimal = Decimal(exact.numerator) / Decimal(exact.denominator)
    assert Fraction(decimal) == exact, "a billed minute has at most two decimals"
    return decimal.quantize(CENT, rounding=ROUND_HALF_UP)


def price(service, seconds):
    """Billed minutes times the price of a minute, rounded once."""
    return in_cents(Fraction(seconds, 60) * Fraction(service["price_per_minute"]))


def as_minutes(seconds):
    minutes = Decimal(seconds) / 60
    text = format(minutes.quantize(CENT), "f")
    assert Decimal(text) == minutes
    return text.rstrip("0").rstrip(".")


def instant(local, zone):
    return datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone)).astimezone(timezone.utc)


def lines_of(service, cancellation, zone, visit):
    if "billable_seconds" in visit:
        seconds = billed_seconds(service, visit["billable_seconds"])
        if seconds == 0:
            return []
        amount = price(service, seconds)
        return [{"kind": "visit", "minutes": as_minutes(seconds), "amount": str(amount)}]
    cancelled = visit["cancelled"]
    notice = instant(visit["starts"], zone) - instant(cancelled["at"], zone)
    if cancelled["by"] == "seller" or notice >= timedelta(hours=cancellation["notice_hours"]):
        return []
    quote = price(service, billed_seconds(service, visit["planned_minutes"] * 60))
    fee = in_cents(Fraction(quote) * Fraction(cancellation["fee_percent"]) / 100)
    return [{"kind": "late_cancellation", "amount": str(fee)}] if fee else []


def rate(service, cancellation, zone, visit):
    """The lines of a visit and their sum, as a contract's worked example writes them."""
    lines = lines_of(service, cancellation, zone, visit)
    total = sum((Decimal(line["amount"]) for line in lines), Decimal("0.00"))
    return {"lines": lines, "total": str(total)}
