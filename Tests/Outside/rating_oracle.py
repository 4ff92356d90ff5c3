"""What a visit costs, written a second time from docs/contracts.md.

Nothing here comes from the Swift code: numbers are fractions of Python, time zones are Python's,
the holidays are computed here. If the two disagree, one of them, or the document, is wrong.
The steps have the numbers of "How a price is made, step by step".
"""

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from functools import cache
from math import ceil, floor
from zoneinfo import ZoneInfo

WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


def easter(year):
    """Easter Sunday of the Gregorian calendar, by the table of Butcher and Meeus."""
    golden = year % 19
    century, rest = divmod(year, 100)
    leap_centuries, odd_centuries = divmod(century, 4)
    correction = (century - (century + 8) // 25 + 1) // 3
    moon = (19 * golden + century - leap_centuries - correction + 15) % 30
    leaps, odd = divmod(rest, 4)
    weekday = (32 + 2 * odd_centuries + 2 * leaps - moon - odd) % 7
    late = (golden + 11 * moon + 22 * weekday) // 451
    month, day = divmod(moon + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


def saturday_from(day):
    return day + timedelta(days=(5 - day.weekday()) % 7)


@cache
def holidays(year):
    """The public holidays of Finland; the eves of Midsummer and Christmas are none."""
    fixed = [(1, 1), (1, 6), (5, 1), (12, 6), (12, 25), (12, 26)]
    after_easter = [-2, 0, 1, 39, 49]
    return {
        *(date(year, month, day) for month, day in fixed),
        *(easter(year) + timedelta(days=days) for days in after_easter),
        saturday_from(date(year, 6, 20)),
        saturday_from(date(year, 10, 31)),
    }


def instant(local, zone):
    """A local time as an instant: a repeated one is the first, a skipped one the end of the gap."""
    wall = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone))
    found = wall.astimezone(timezone.utc)
    if found.astimezone(wall.tzinfo).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return found
    before = wall.replace(fold=1).astimezone(timezone.utc) - timedelta(seconds=1)
    offset = before.astimezone(wall.tzinfo).utcoffset()
    while before.astimezone(wall.tzinfo).utcoffset() == offset:
        before += timedelta(seconds=1)
    return before


def in_cents(exact, mode):
    """Euros, exact, to whole cents; a negative amount as if it were positive."""
    cents = abs(exact) * 100
    below = floor(cents)
    rest = cents - below
    half = Fraction(1, 2)
    up = rest > half or rest == half and (mode == "half_up" or below % 2 == 1)
    return (-1 if exact < 0 else 1) * (below + up)


def as_money(cents):
    sign, cents = ("-", -cents) if cents < 0 else ("", cents)
    return f"{sign}{cents // 100}.{cents % 100:02}"


def as_minutes(seconds):
    minutes = Decimal(seconds) / 60
    text = format(minutes.quantize(Decimal("0.01")), "f")
    assert Decimal(text) == minutes, "a billed minute has at most two decimals"
    return text.rstrip("0").rstrip(".")


def addition(service, supplement):
    """Euros a minute, with four decimals."""
    if "price_per_minute" in supplement:
        return Fraction(supplement["price_per_minute"])
    share = Fraction(service["price_per_minute"]) * Fraction(supplement["percent"]) / 100
    return Fraction(floor(share * 10000 + Fraction(1, 2)), 10000)


@cache
def on_the_wall(moment, zone):
    """What the wall shows: the name of the day for supplements, and the clock."""
    local = moment.astimezone(ZoneInfo(zone))
    day = local.date()
    name = "holiday" if day in holidays(day.year) else WEEKDAYS[day.weekday()]
    return name, f"{local.hour:02}:{local.minute:02}"


def holds(supplement, day, clock):
    return day in supplement["days"] and supplement["from"] <= clock < supplement["until"]


def minutes_of(start, zone, billed):
    """The seconds of each minute, with what the wall clock shows when it begins."""
    return [
        (min(60, billed - second), *on_the_wall(start + timedelta(seconds=second), zone))
        for second in range(0, billed, 60)]


def whole_steps(increment, present):
    first, following = increment["first_seconds"], increment["next_seconds"]
    return first + ceil(Fraction(max(present - first, 0), following)) * following


def visit_parts(service, before, billed):
    """Seconds and the price of a minute, for each line of the visit."""
    steps = [(0, service["price_per_minute"])]
    tiers = service.get("tiers")
    if tiers:
        steps += [(step["from_minutes"] * 60, step["price_per_minute"]) for step in tiers["steps"]]
    end = before + billed
    if not tiers or tiers["kind"] == "volume":
        return [(billed, [price for start, price in steps if start < end][-1])]
    ends = [start for start, _ in steps[1:]] + [end]
    parts = [
        (min(end, until) - max(before, start), price)
        for (start, price), until in zip(steps, ends, strict=True)]
    return [(seconds, price) for seconds, price in parts if seconds > 0]


class Charge:
    """The lines of a charge, in cents."""

    def __init__(self, mode):
        self.mode = mode
        self.lines = []

    @property
    def total(self):
        return sum(line["amount"] for line in self.lines)

    def add(self, kind, exact, **more):
        amount = in_cents(exact, self.mode)
        if amount or kind == "visit":
            self.lines.append({"kind": kind, **more, "amount": amount})

    def add_time(self, kind, seconds, price, **more):
        exact = Fraction(seconds, 60) * Fraction(price)
        self.add(kind, exact, **more, minutes=as_minutes(seconds))

    def take_off(self, kind, percent, **more):
        self.add(kind, -Fraction(self.total, 100) * Fraction(percent) / 100, **more)

    def written(self):
        lines = [{**line, "amount": as_money(line["amount"])} for line in self.lines]
        return {"lines": lines, "total": as_money(self.total)}


def add_price(charge, contract, service, visit, billed, start_fee=True):
    """Steps 4 to 8, of the billed time."""
    zone = contract["time_zone"]
    start = instant(visit["starts"], zone)
    if start_fee and "start_fee" in service:
        charge.add("start_fee", Fraction(service["start_fee"]))
    for seconds, price in visit_parts(service, visit.get("seconds_before", 0), billed):
        charge.add_time("visit", seconds, price)
    minutes = minutes_of(start, zone, billed) if "supplements" in service else []
    for supplement in service.get("supplements", []):
        seconds = sum(part for part, day, clock in minutes if holds(supplement, day, clock))
        price = addition(service, supplement)
        charge.add_time("supplement", seconds, price, code=supplement["code"])
    if "cap" in service:
        above = Fraction(charge.total, 100) - Fraction(service["cap"])
        charge.add("cap_reduction", -max(above, 0))
    day = start.astimezone(ZoneInfo(zone)).date().isoformat()
    for discount in service.get("discounts", []):
        if discount.get("first_day", day) <= day <= discount.get("last_day", day):
            charge.take_off("discount", discount["percent"], code=discount["code"])


def waiting(contract, visit, by):
    """Seconds of waiting of this side beyond the tolerance."""
    late_start, waited = contract.get("late_start"), visit.get("waited")
    if not late_start or not waited or waited["by"] != by:
        return 0
    return max(waited["seconds"] - late_start["tolerance_minutes"] * 60, 0)


def add_held(charge, contract, service, visit):
    """A visit that was held: steps 1 to 12."""
    planned = visit["planned_minutes"] * 60
    time = visit["billable_seconds"]
    if time == 0:
        return
    if service["kind"] == "duty_shift":
        time = max(time, planned)
    late_start = contract.get("late_start")
    if late_start and late_start["waiting_is_billed"]:
        time += waiting(contract, visit, "seller")
    overrun = service.get("overrun")
    within = min(time, planned) if overrun else time
    billed = max(whole_steps(service["increment"], within), service["minimum_seconds"])
    add_price(charge, contract, service, visit, billed)
    if waiting(contract, visit, "buyer"):
        charge.take_off("late_start_reduction", late_start["reduction_percent"])
    beyond = time - max(planned, billed)
    if overrun and visit.get("overrun_agreed") and beyond > 0:
        following = service["increment"]["next_seconds"]
        steps = ceil(Fraction(beyond, following))
        seconds = min(steps * following, overrun["maximum_minutes"] * 60)
        charge.add_time("overrun", seconds, overrun["price_per_minute"])
    for kind in ["preparation", "record_writing"]:
        if kind in service:
            minutes = min(visit.get(f"{kind}_minutes", 0), service[kind]["maximum_minutes"])
            charge.add_time(kind, minutes * 60, service[kind]["price_per_minute"])
    if "share" in visit:
        share_out(charge, visit["share"])


def share_out(charge, share):
    """In whole cents, so that the shares of all add up to the total."""
    before = share["places_before"]
    until = before + share["places"]
    total = charge.total
    part = total * until // share["places_in_all"] - total * before // share["places_in_all"]
    charge.lines = []
    charge.add("group_share", Fraction(part, 100))


def add_failed(charge, contract, service, visit):
    """The time until the failure, without minimum, start fee, overrun and rest of a shift."""
    time = visit["failed_after_seconds"]
    if contract.get("technical_failure", {}).get("charge") != "time_held" or time == 0:
        return
    if "overrun" in service:
        time = min(time, visit["planned_minutes"] * 60)
    billed = whole_steps(service["increment"], time)
    add_price(charge, contract, service, visit, billed, start_fee=False)
    if "share" in visit:
        share_out(charge, visit["share"])


def add_share_of_quote(charge, contract, service, visit, kinds, side, percent):
    quote = quoted(contract, service, visit["starts"], visit["planned_minutes"])
    if "share" in visit:
        share_out(quote, visit["share"])
    cents = quote.total
    sign = -1 if side == "seller" else 1
    charge.add(kinds[side], sign * Fraction(cents, 100) * Fraction(percent) / 100)


def add_no_show(charge, contract, service, visit):
    term, fact = contract.get("no_show"), visit["no_show"]
    if not term or fact["waited_seconds"] < term["wait_minutes"] * 60:
        return
    side = fact["by"]
    kinds = {"buyer": "no_show", "seller": "seller_no_show"}
    percent = term[f"{side}_fee_percent"]
    add_share_of_quote(charge, contract, service, visit, kinds, side, percent)


def add_cancelled(charge, contract, service, visit):
    """The first band whose notice was given; after the start the last one."""
    fact = visit["cancelled"]
    terms = {
        "sudden_absence": contract.get("sudden_absence"),
        "declined": contract["handshake"].get("declined"),
        "expired": contract["handshake"].get("expired"),
    }
    if terms.get(fact.get("cause")) == "free":
        return
    zone = contract["time_zone"]
    notice = instant(visit["starts"], zone) - instant(fact["at"], zone)
    side = fact["by"]
    bands = contract["cancellation"][side]
    given = [band for band in bands if notice >= timedelta(hours=band["notice_hours"])]
    percent = (given or bands[-1:])[0]["fee_percent"]
    kinds = {"buyer": "late_cancellation", "seller": "seller_cancellation"}
    add_share_of_quote(charge, contract, service, visit, kinds, side, percent)


def add_unused(charge, contract, service, visit):
    """Time of a block in which there was no visit, to the second: the share of its price."""
    zone = contract["time_zone"]
    day, clock = visit["starts"].split("T")
    weekday = date.fromisoformat(day).strftime("%A").lower()
    block = next(
        block for block in contract["blocks"]
        if (block["service"], block["weekday"]) == (service["code"], weekday)
        and block["from"] <= clock < block["until"])
    whole = Charge(charge.mode)
    plain = {name: term for name, term in service.items() if name not in ("start_fee", "cap")}
    start = instant(visit["starts"], zone).astimezone(ZoneInfo(zone)).isoformat()[:16]
    add_price(
        whole, contract, plain, {"starts": start}, visit["planned_minutes"] * 60)
    percent = Fraction(block["unused_fee_percent"]) / 100
    charge.add("unused_block", Fraction(whole.total, 100) * percent)


def quoted(contract, service, starts, planned_minutes):
    charge = Charge(contract["rounding"]["mode"])
    held = {
        "starts": starts, "planned_minutes": planned_minutes,
        "billable_seconds": planned_minutes * 60}
    add_held(charge, contract, service, held)
    return charge


def service_of(contract, code):
    return next(service for service in contract["services"] if service["code"] == code)


def quote(contract, service_code, starts, planned_minutes):
    """The price of the planned length, as the first visit of the period."""
    return quoted(contract, service_of(contract, service_code), starts, planned_minutes).written()


def rate(contract, service_code, visit):
    """The lines of a visit and their sum, as a contract's worked example writes them."""
    outcomes = {
        "billable_seconds": add_held, "failed_after_seconds": add_failed,
        "no_show": add_no_show, "cancelled": add_cancelled, "unused": add_unused}
    charge = Charge(contract["rounding"]["mode"])
    add = next(outcomes[outcome] for outcome in outcomes if outcome in visit)
    add(charge, contract, service_of(contract, service_code), visit)
    return charge.written()


def shortfall(contract, billed_seconds):
    """What is missing of the commitment of a period."""
    charge = Charge(contract["rounding"]["mode"])
    term = contract["commitment"]
    missing = max(term["minutes_per_period"] * 60 - billed_seconds, 0)
    charge.add_time("shortfall", missing, term["price_per_minute"])
    return charge.written()


def answer(contract, question):
    """To a service and a visit, or to a period, as in a worked example."""
    if "period" in question:
        return shortfall(contract, question["period"]["billed_seconds"])
    return rate(contract, question["service"], question["visit"])
