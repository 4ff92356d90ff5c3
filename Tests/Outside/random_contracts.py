"""Random contracts and visits, made so that boundaries are likely: hours, days, seconds, cents."""

import json
from datetime import datetime, timedelta

from running import ROOT

EXAMPLE = ROOT / "contracts" / "v1" / "examples" / "valid" / "psychiatrist-remote-visit.json"
NAME = {"fi": "Nimi", "sv": "Namn", "en": "Name"}
DAYS = [
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "holiday"]
KINDS = [
    "patient_visit", "professional_consultation", "group_session", "on_demand", "duty_shift"]
PRICES = ["0", "0.0001", "0.005", "0.015", "0.1", "1", "2.4533", "3.60", "3.6001", "99999.9999"]
PERCENTS = ["0", "0.01", "12.5", "33.33", "50", "66.67", "99.99", "100", "100.0"]
STEPS = [3, 6, 15, 30, 60, 90, 600, 3600]
# Midnights, both nights of daylight saving, holidays fixed and movable, ends of months and year.
STARTS = [
    "2027-01-01T00:00", "2027-01-31T23:30", "2027-02-28T23:00", "2027-03-26T00:00",
    "2027-03-28T02:30", "2027-03-28T03:30", "2027-03-28T04:00", "2027-03-27T23:00",
    "2027-05-01T00:00", "2027-05-06T17:00", "2027-05-16T22:00", "2027-06-25T23:00",
    "2027-06-26T12:00", "2027-10-31T02:30", "2027-10-31T03:00", "2027-10-31T04:00",
    "2027-10-31T03:59", "2027-11-06T00:00", "2027-12-06T12:00", "2027-12-24T23:00",
    "2027-12-26T23:30", "2027-12-31T23:45", "2027-03-09T09:00", "2027-07-17T18:00",
    "2026-06-20T00:00", "2026-10-31T12:00", "2026-12-06T12:00", "2028-02-29T00:00",
    # So many hours after the skipped hour that a notice of whole hours is given in or beside it.
    "2027-03-28T05:00", "2027-03-28T06:00", "2027-03-28T16:00", "2027-03-29T03:00",
    "2027-03-29T04:00", "2027-03-29T05:00", "2027-04-04T04:00", "2027-04-27T04:00",
    # The same nights where the clock skips midnight, or half an hour.
    "2027-09-05T00:30", "2027-09-06T01:00", "2027-10-03T02:15", "2027-10-04T02:30",
]
# Mostly Finland; then one that is an hour behind it, one whose gap is at midnight, one whose gap
# is half an hour, and one without any.
ZONES = ["Europe/Helsinki"] * 8 + [
    "Europe/Stockholm", "America/Santiago", "Australia/Lord_Howe", "UTC"]


def minutes_of(text):
    return int(text[:2]) * 60 + int(text[3:])


def clock(minutes):
    return f"{minutes // 60:02}:{minutes % 60:02}"


def some(chance, part, make):
    """A member that is there in this part of the cases."""
    return make() if chance.random() < part else None


def present(members):
    return {name: value for name, value in members.items() if value is not None}


def price(chance):
    return chance.choice([*PRICES, f"{chance.randint(0, 900)}.{chance.randint(0, 9999):04}"])


def money(chance):
    return chance.choice(["0.00", "0.01", f"{chance.randint(0, 400)}.{chance.randint(0, 99):02}"])


def percent(chance):
    return chance.choice([*PERCENTS, f"{chance.randint(0, 99)}.{chance.randint(0, 99):02}"])


def supplement_of(chance, number):
    start = chance.choice([0, 120, 180, 210, 240, 540, 1080, 1380, chance.randrange(1439)])
    until = chance.choice([1440, chance.randint(start + 1, 1440), min(start + 60, 1440)])
    addition = (
        {"percent": percent(chance)} if chance.random() < 0.5
        else {"price_per_minute": price(chance)})
    return {
        "code": f"supplement-{number}", "name": NAME,
        "days": chance.sample(DAYS, chance.choice([1, 2, 5, 8])),
        "from": clock(start), "until": clock(until), **addition}


def discount_of(chance, number):
    first, last = sorted([chance.choice(STARTS)[:10], chance.choice(STARTS)[:10]])
    return present({
        "code": f"discount-{number}", "name": NAME, "percent": percent(chance),
        "first_day": some(chance, 0.3, lambda: first),
        "last_day": some(chance, 0.3, lambda: last)})


def several(chance, part, most, make):
    return some(chance, part, lambda: [make(chance, n) for n in range(chance.randint(1, most))])


def tiers_of(chance):
    places = sorted(chance.sample([1, 2, 5, 10, 29, 30, 31, 45, 60, 600, 1200, 500000], 3))
    return {
        "kind": chance.choice(["graduated", "volume"]),
        "steps": [
            {"from_minutes": place, "price_per_minute": price(chance)}
            for place in places[:chance.randint(1, 3)]]}


def extra_of(chance):
    most = chance.choice([1, 2, 5, 15, 480])
    return {"price_per_minute": price(chance), "maximum_minutes": most}


def service_of(chance, number):
    kind = chance.choice(KINDS)
    minimum, step = chance.choice([1, 5, 10, 30, 240]), chance.choice([1, 5, 15])
    maximum = minimum + step * chance.randint(0, (480 - minimum) // step)
    return present({
        "code": f"service-{number}", "name": NAME, "kind": kind, "modality": "video",
        "profession": {"system": "2.16.840.1.113883.2.9.6.2.7", "code": "2634"},
        "capacity": chance.randint(2, 100) if kind == "group_session" else None,
        "languages": ["fi"], "price_per_minute": price(chance),
        "start_fee": some(chance, 0.3, lambda: money(chance)),
        "cap": some(chance, 0.3, lambda: money(chance)),
        "tiers": some(chance, 0.4, lambda: tiers_of(chance)),
        "supplements": several(chance, 0.6, 4, supplement_of),
        "discounts": several(chance, 0.4, 3, discount_of),
        "overrun": some(chance, 0.4, lambda: extra_of(chance)),
        "preparation": some(chance, 0.3, lambda: extra_of(chance)),
        "record_writing": some(chance, 0.3, lambda: extra_of(chance)),
        "increment": {
            "first_seconds": chance.choice(STEPS), "next_seconds": chance.choice(STEPS)},
        "minimum_seconds": chance.choice([0, 0, 3, 300, 900, 14400]),
        "planned_minutes": {"minimum": minimum, "maximum": maximum, "step": step}})


def bands_of(chance):
    hours = sorted(chance.sample([1, 2, 12, 23, 24, 25, 168, 720], chance.randint(0, 3)))[::-1]
    percents = sorted((percent(chance) for _ in range(len(hours) + 1)), key=float)
    return [
        {"notice_hours": hour, "fee_percent": fee}
        for hour, fee in zip([*hours, 0], percents, strict=True)]


def contract_of(chance):
    """A complete contract, still without a worked example of its own."""
    contract = json.loads(EXAMPLE.read_text(encoding="utf-8"))
    causes = ["free", "as_cancellation", None]
    contract |= present({
        "time_zone": chance.choice(ZONES),
        "services": [service_of(chance, number) for number in range(chance.randint(1, 3))],
        "cancellation": {"buyer": bands_of(chance), "seller": bands_of(chance)},
        "commitment": some(chance, 0.3, lambda: {
            "minutes_per_period": chance.choice([1, 1200, 500000]),
            "price_per_minute": price(chance)}),
        "no_show": some(chance, 0.7, lambda: {
            "wait_minutes": chance.choice([0, 1, 15, 120]), "buyer_fee_percent": percent(chance),
            "seller_fee_percent": percent(chance)}),
        "late_start": some(chance, 0.7, lambda: {
            "tolerance_minutes": chance.choice([0, 1, 5, 60]),
            "waiting_is_billed": chance.random() < 0.7, "reduction_percent": percent(chance)}),
        "technical_failure": some(chance, 0.7, lambda: {
            "charge": chance.choice(["free", "time_held", "time_held"]), "go_on_by": ["resume"]}),
        "sudden_absence": chance.choice(causes),
        "rounding": {
            "mode": chance.choice(["half_up", "half_even"]),
            "level": chance.choice(["visit", "bill"])}})
    contract["handshake"] |= present(
        {"declined": chance.choice(causes), "expired": chance.choice(causes)})
    return contract


def start_of(chance, service):
    """Near a day of interest, or near where a supplement begins or ends."""
    start = datetime.fromisoformat(chance.choice(STARTS))
    edges = [
        minutes_of(supplement[end])
        for supplement in service.get("supplements", []) for end in ["from", "until"]]
    if edges and chance.random() < 0.5:
        midnight = start.replace(hour=0, minute=0)
        start = midnight + timedelta(minutes=chance.choice(edges) - chance.randint(0, 40))
    return start + timedelta(minutes=chance.choice([0, 0, 0, 1, -1, 17]))


def seconds_of(chance, service, planned):
    edges = [
        0, 1, planned * 60, service["minimum_seconds"], service["increment"]["first_seconds"],
        planned * 60 + 60, chance.randint(0, 7200), chance.randint(0, 86000)]
    return min(max(chance.choice(edges) + chance.choice([0, 0, 1, -1, 3]), 0), 86400)


def before_of(chance, service, planned):
    edges = [0] + [step["from_minutes"] * 60 for step in service.get("tiers", {}).get("steps", [])]
    back = chance.choice([0, 3, -3, 600, planned * 60, planned * 60 + 3, planned * 60 - 3])
    return max(min(chance.choice(edges) - back, 30_000_000), 0) // 3 * 3


def held_of(chance, contract, service, planned):
    side = chance.choice(["seller", "buyer"])
    tolerance = contract.get("late_start", {}).get("tolerance_minutes", 5) * 60
    waited = max(tolerance + chance.choice([-1, 0, 1, 59, 60, 61, 3000]), 0)
    minutes = [0, 1, 5, 6, 15, 1440]
    return present({
        "billable_seconds": seconds_of(chance, service, planned),
        "waited": some(chance, 0.4, lambda: {"by": side, "seconds": waited}),
        "overrun_agreed": some(chance, 0.5, lambda: chance.random() < 0.8),
        "preparation_minutes": some(chance, 0.4, lambda: chance.choice(minutes)),
        "record_writing_minutes": some(chance, 0.4, lambda: chance.choice(minutes))})


def share_of(chance, service):
    if service["kind"] != "group_session" or chance.random() >= 0.8:
        return {}
    in_all = chance.randint(1, service["capacity"])
    places = chance.randint(1, in_all)
    before = chance.randint(0, in_all - places)
    return {"share": {"places": places, "places_before": before, "places_in_all": in_all}}


def cancelled_of(chance, contract, start):
    side = chance.choice(["seller", "buyer"])
    causes = [None, None, "declined", "expired"] + ["sudden_absence"] * (side == "seller")
    hours = chance.choice([band["notice_hours"] for band in contract["cancellation"][side]])
    at = start - timedelta(hours=hours, seconds=chance.choice([-3601, -1, 0, 1, 3600, 3599, 1801]))
    written = at.isoformat()
    return present({"by": side, "at": written, "cause": chance.choice(causes)})


def question_of(chance, contract):
    """A service and a visit, or a period, as a worked example has them."""
    if "commitment" in contract and chance.random() < 0.1:
        edge = contract["commitment"]["minutes_per_period"] * 60
        near = edge + chance.choice([0, 3, -3, -60, -chance.randrange(0, edge, 3)])
        return {"period": {"billed_seconds": min(near, 30_000_000)}}
    service = chance.choice(contract["services"])
    lengths = service["planned_minutes"]
    most = (lengths["maximum"] - lengths["minimum"]) // lengths["step"]
    planned = lengths["minimum"] + lengths["step"] * chance.choice([0, most, most // 2])
    start = start_of(chance, service)
    visit = {"starts": start.isoformat(timespec="minutes"), "planned_minutes": planned}
    if chance.random() < 0.7:
        visit["seconds_before"] = before_of(chance, service, planned)
    outcome = chance.random()
    if outcome < 0.6:
        visit |= held_of(chance, contract, service, planned)
    elif outcome < 0.75:
        visit["failed_after_seconds"] = seconds_of(chance, service, planned)
    elif outcome < 0.85:
        wait = contract.get("no_show", {}).get("wait_minutes", 5) * 60
        visit["no_show"] = {
            "by": chance.choice(["seller", "buyer"]),
            "waited_seconds": max(wait + chance.choice([-1, 0, 1]), 0)}
    else:
        visit["cancelled"] = cancelled_of(chance, contract, start)
    visit |= share_of(chance, service)
    return {"service": service["code"], "visit": visit}
