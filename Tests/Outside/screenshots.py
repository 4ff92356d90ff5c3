"""Takes a picture of every page of the full demo: `make screenshots` puts them into
docs/screenshots. With a second argument, in that language; with a third, of that width."""

import io
import re
import sys
import tempfile
from pathlib import Path

from browser import Browser
from living_demo import (
    HOSPITAL, NORTH, PHYSICIANS, SOUTH, UNIVERSITY, Demo, billing_run, buyer_of_open, chosen_answer,
    creditable, credited, disputable, disputed, first_member, first_visit, found_time, join,
    mail_sent, mailed_link, owed, owed_back, payment_file, second_factor)
from PIL import Image
from running import ROOT, Server, remove

# The picture, who looks, and the page: an address, or what finds it.
PICTURES = [
    ("sign-in", None, None, "/sign-in"),
    ("start-buyer", NORTH, "scheduler", "/"),
    ("find", NORTH, "scheduler", "/find?service=psychiatrist-visit&minutes=45"),
    ("find-week", NORTH, "scheduler", "/find?service=psychiatrist-visit&minutes=45&view=week"),
    ("time", NORTH, "scheduler", lambda demo, browser: found_time(browser)),
    ("series", NORTH, "scheduler", lambda demo, browser: found_time(browser).replace(
        "/time?", "/series?") + "&interval=1&count=4"),
    ("together", NORTH, "scheduler", "/together"),
    ("bookings", NORTH, "scheduler", "/bookings"),
    ("booking-agreed", NORTH, "scheduler",
     lambda demo, _: demo.booking(NORTH, "booked", "agreed", "psychiatrist-visit")),
    ("booking-countered", SOUTH, "scheduler",
     lambda demo, _: demo.booking(SOUTH, "booked", "countered")),
    ("cancel", NORTH, "scheduler",
     lambda demo, _: demo.booking(NORTH, "booked", "agreed") + "/cancel"),
    ("move", NORTH, "scheduler",
     lambda demo, _: demo.booking(NORTH, "booked", "agreed") + "/move"),
    ("start-seller", HOSPITAL, "scheduler", "/"),
    ("calendar", HOSPITAL, "scheduler", lambda demo, _: demo.week("Psychiatrist 5")),
    ("publish", HOSPITAL, "scheduler", "/availability/new"),
    ("absence", HOSPITAL, "scheduler", lambda demo, _: demo.week("Psychiatrist 5").replace(
        "/calendar", "/absence").replace("week=", "date=")),
    ("unit-week", HOSPITAL, "scheduler", lambda demo, _: "/calendar?week=2027-03-15&unit="
     + demo.first(HOSPITAL, "scheduler", "/v1/units")["id"]),
    ("working-limits", HOSPITAL, "scheduler", lambda demo, _: demo.week("Psychiatrist 5").replace(
        "/calendar", "/working-limits").split("&")[0]),
    ("sale-pause", HOSPITAL, "scheduler", lambda demo, _: demo.week("Psychiatrist 5").replace(
        "/calendar", "/sale-pauses/new").replace("week=2027-03-15", "pause_date=2027-03-16")
        + "&pause_from=10:00&pause_to=12:00"),
    ("availability", HOSPITAL, "scheduler", lambda demo, _: demo.of(
        HOSPITAL, "scheduler", "availability")),
    ("availability-change", HOSPITAL, "scheduler", lambda demo, _: demo.of(
        HOSPITAL, "scheduler", "availability") + "/change"),
    ("proposed-time", HOSPITAL, "admin", "/availability/proposals"),
    ("roster", HOSPITAL, "scheduler", "/roster"),
    ("busy-calendar", HOSPITAL, "scheduler", "/busy-calendar"),
    ("calendar-mail", HOSPITAL, "admin", "/settings/calendar-mail"),
    ("calendar-feeds", HOSPITAL, "scheduler", "/calendar-feeds"),
    ("proposals", HOSPITAL, "scheduler", "/proposals"),
    ("booking-proposed", HOSPITAL, "scheduler",
     lambda demo, _: demo.booking(HOSPITAL, "booked", "proposed")),
    ("minutes", NORTH, "scheduler", "/minutes"),
    ("day", HOSPITAL, "specialist", "/day"),
    ("day-buyer", NORTH, "scheduler", "/day"),
    ("visit", HOSPITAL, "specialist", lambda demo, browser: first_visit(browser)),
    ("guests", NORTH, "scheduler", lambda demo, _: demo.visit() + "/guests"),
    ("visit-check", NORTH, "scheduler", lambda demo, _: demo.visit() + "/check"),
    ("join", None, None, lambda demo, browser: join(demo, browser)),
    ("join-check", None, None, lambda demo, browser: join(demo, browser, "/check")),
    ("units", HOSPITAL, "admin", "/settings/units"),
    ("start-signatory", SOUTH, "signatory", "/"),
    ("contracts", SOUTH, "admin", "/contracts"),
    ("contract", SOUTH, "admin", lambda demo, _: demo.of(SOUTH, "admin", "contracts",
                                                        state="active")),
    ("contract-to-sign", SOUTH, "signatory",
     lambda demo, _: demo.of(SOUTH, "signatory", "contracts", state="offered")),
    ("contract-changes", SOUTH, "admin", lambda demo, _: demo.changes()),
    ("price", SOUTH, "admin", lambda demo, _: demo.price()),
    ("contract-new", HOSPITAL, "admin", "/contracts/new"),
    ("contract-form", HOSPITAL, "admin", lambda demo, _: demo.new_contract()),
    ("contract-version", SOUTH, "admin", lambda demo, _: demo.of(
        SOUTH, "admin", "contracts", state="active") + "/versions/new"),
    ("decline", SOUTH, "admin", lambda demo, _: demo.declining()),
    ("suspend", SOUTH, "admin", lambda demo, _: demo.of(
        SOUTH, "admin", "contracts", state="active") + "/suspend"),
    ("notice", SOUTH, "admin", lambda demo, _: demo.notice()),
    ("response-times", SOUTH, "admin", lambda demo, _: demo.notice()[:-6] + "response-times"),
    ("sellers", NORTH, "admin", "/sellers"),
    ("seller", NORTH, "admin", lambda demo, _: demo.seller()),
    ("contract-ask", NORTH, "admin", lambda demo, _: demo.seller() + "/ask"),
    ("contract-requests", HOSPITAL, "admin", "/contract-requests"),
    ("profile", HOSPITAL, "admin", "/profile"),
    ("needs", HOSPITAL, "admin", "/needs"),
    ("need-new", NORTH, "admin", "/needs/new"),
    ("need", NORTH, "admin", lambda demo, _: demo.need()),
    ("need-accept", NORTH, "admin", lambda demo, browser: chosen_answer(demo, browser)),
    ("find-nothing", NORTH, "scheduler",
     "/find?service=psychiatrist-visit&minutes=45&hours_from=05:00&hours_until=06:00"),
    ("waiting", NORTH, "scheduler", "/waiting"),
    ("waiting-new", NORTH, "scheduler", "/waiting/new"),
    ("now", NORTH, "scheduler", "/now"),
    ("blocks", SOUTH, "scheduler", "/blocks"),
    ("resources", NORTH, "scheduler", "/resources"),
    ("resource", NORTH, "scheduler", lambda demo, _: demo.room()),
    ("block", SOUTH, "scheduler",
     lambda demo, _: demo.of(SOUTH, "scheduler", "blocks", state="open")),
    ("block-new", HOSPITAL, "scheduler", "/blocks/new"),
    ("sessions", NORTH, "scheduler", "/sessions"),
    ("session", NORTH, "scheduler", lambda demo, _: demo.session(NORTH)),
    ("session-full", NORTH, "scheduler", lambda demo, _: demo.session(NORTH, left=False)),
    ("find-sessions", NORTH, "scheduler", "/find?service=rehabilitation-group"),
    ("session-seller", PHYSICIANS, "scheduler", lambda demo, _: demo.session(PHYSICIANS)),
    ("session-new", PHYSICIANS, "scheduler", "/sessions/new"),
    ("start-finance", HOSPITAL, "finance", "/"),
    ("statements", HOSPITAL, "finance", "/statements"),
    ("statement-open", HOSPITAL, "finance",
     lambda demo, _: demo.of(HOSPITAL, "finance", "statements", state="open")),
    ("charge", HOSPITAL, "finance", lambda demo, _: demo.of(
        HOSPITAL, "finance", "charges", cause="visit")),
    ("billing-run", HOSPITAL, "finance", billing_run),
    ("billing-runs", HOSPITAL, "finance", "/billing-runs"),
    ("invoice-basis", UNIVERSITY, "finance", lambda demo, _: demo.basis()),
    ("payment-report", UNIVERSITY, "finance", lambda demo, _: demo.of(
        UNIVERSITY, "finance", "invoices", recorded=True) + "/reported-payments"),
    ("invoices", HOSPITAL, "finance", "/invoices"),
    ("invoice", HOSPITAL, "finance", lambda demo, _: demo.of(HOSPITAL, "finance", "invoices")),
    ("dispute-new", buyer_of_open, "finance", lambda demo, _: disputable(demo)),
    ("dispute", buyer_of_open, "finance", disputed),
    ("disputes", HOSPITAL, "finance", "/disputes"),
    ("rating-again", SOUTH, "admin", lambda demo, _: demo.of(
        SOUTH, "admin", "contracts", state="active") + "/rating-again"),
    ("credit-new", HOSPITAL, "finance", lambda demo, _: creditable(demo)),
    ("credit-note", HOSPITAL, "finance", credited),
    ("write-off-new", HOSPITAL, "finance", lambda demo, _: owed(demo)),
    ("refund-new", HOSPITAL, "finance", owed_back),
    ("credit-notes", HOSPITAL, "finance", "/credit-notes"),
    ("bank-files", HOSPITAL, "finance", "/bank-files"),
    ("bank-file", HOSPITAL, "finance", lambda demo, _: demo.of(HOSPITAL, "finance", "bank-files")),
    ("bank-entries", HOSPITAL, "finance", "/bank-entries"),
    ("bank-entry", HOSPITAL, "finance",
     lambda demo, _: demo.of(HOSPITAL, "finance", "bank-entries")),
    ("payment-file", NORTH, "finance", lambda demo, _: payment_file(demo)),
    ("payments", NORTH, "finance", "/payments"),
    ("trial-balance", HOSPITAL, "finance", "/trial-balance"),
    ("open-amounts", HOSPITAL, "finance", "/open-amounts"),
    ("netting", HOSPITAL, "finance", "/netting"),
    ("netting-round", HOSPITAL, "finance", lambda demo, _: "/netting/" + demo.first(
        HOSPITAL, "finance", "/v1/netting-rounds")["id"]),
    ("late-interest", HOSPITAL, "finance", lambda demo, _: demo.of(
        HOSPITAL, "finance", "invoices") + "/late-interest"),
    ("month", HOSPITAL, "finance", "/month?month=2027-02"),
    ("account-statement", HOSPITAL, "finance", lambda demo, _: demo.account()),
    ("ageing", HOSPITAL, "finance", "/ageing"),
    ("periods", HOSPITAL, "finance", "/periods"),
    ("mail-sent", None, None, lambda _, browser: mail_sent(browser)),
    ("mail", None, None, "/mail"),
    ("link", None, None, lambda _, browser: mailed_link(browser)),
    ("account", SOUTH, "admin", "/account"),
    ("second-factor", SOUTH, "admin", lambda _, browser: second_factor(browser)),
    ("sign-in-settings", SOUTH, "admin", "/settings/sign-in"),
    ("keys", SOUTH, "admin", "/settings/keys"),
    ("audit", SOUTH, "auditor", "/settings/audit"),
    ("members", HOSPITAL, "admin", "/settings/members"),
    ("alerts", HOSPITAL, "scheduler", "/alerts"),
    ("alert-settings", HOSPITAL, "scheduler", "/alerts/settings"),
    ("messages", HOSPITAL, "admin", "/settings/messages"),
    ("texts", NORTH, "admin", "/settings/texts"),
    ("room-settings", HOSPITAL, "admin", "/settings/rooms"),
    ("invoice-reception", NORTH, "admin", "/settings/invoices"),
    ("call-log", HOSPITAL, "scheduler", "/call-log"),
    ("member", HOSPITAL, "admin", lambda _, browser: first_member(browser)),
    ("components", HOSPITAL, "admin", "/components"),
]

# What has no page of its own, leads on to another one, or needs somebody else's server; and
# internal charges, as no two organisations of the demo are of one legal person.
NO_PICTURE = {
    "chooseLanguage", "showStyle", "showScript", "followChanges", "downloadInvoice",
    "downloadFinvoice", "downloadPDF",
    "downloadContract", "downloadDocument", "showContractScript", "showRoomScript", "followRoom",
    "showCalendarScript", "showCalendarStyle", "showProvider", "startAtProvider",
    "returnFromProvider", "downloadHours", "showBell", "showGuestScript", "showCheckScript",
    "followDoor", "followGuestRoom", "downloadVisit", "readFeed", "enterRoom", "enterRoomAsGuest",
    "downloadResponseTimes", "downloadAudit", "downloadPaymentFile", "downloadJournal",
    "downloadCreditNote", "downloadInvoiceBasis", "downloadInternalCharge",
    "showInternalCharge"}


def pages():
    """Each operation that is asked for by GET, and its path."""
    serving = ROOT / "Sources/Web/Serving"
    paths = dict(
        (name, path)
        for names, path in re.findall(
            r'case (\.[^:"]+): "(/[^"]*)"', (serving / "PagePath.swift").read_text())
        for name in re.findall(r"\.(\w+)", names))
    source = (serving / "PageOperation.swift").read_text()
    method = source[source.index("var method"):source.index("var isOpen")]
    posted = {name for case in re.findall(r'case ([^:]+?):\s+"POST"', method)
              for name in re.findall(r"\.(\w+)", case)}
    return {
        name: path for name, path in paths.items()
        if name not in posted and name not in NO_PICTURE}


def save(browser, path):
    """The whole page, in few colours, so that the repository stays small."""
    width, height = browser.driver.execute_script(
        "return [window.innerWidth, document.documentElement.scrollHeight]")
    browser.resize(width, max(height, 600))
    picture = Image.open(io.BytesIO(browser.driver.get_screenshot_as_png())).convert("RGB")
    browser.resize(width)
    picture.quantize(64, dither=Image.Dither.NONE).save(path, optimize=True)


def walk(demo, language, width, look):
    """Opens every page and looks at it; returns the pages that there are and were not seen."""
    shown, browsers = [], {}
    for name, organisation, role, page in PICTURES:
        if callable(organisation):
            organisation = organisation(demo)
        who = (organisation, role)
        if who not in browsers:
            browsers[who] = Browser(demo.server.address, language, width)
            if organisation:
                browsers[who].sign_in(organisation, role)
        address = page if isinstance(page, str) else page(demo, browsers[who])
        look(browsers[who].open(address), name)
        shown.append(address)
    for browser in browsers.values():
        browser.close()
    return {
        name: path for name, path in pages().items()
        if not any(re.fullmatch(re.sub(r"\{\w+\}", "[^/?]+", path) + r"(\?.*)?", address)
                   for address in shown)}


def take(demo, folder, language, width):
    """Every picture; returns the pages that have none."""
    folder.mkdir(parents=True, exist_ok=True)

    def picture(browser, name):
        save(browser, folder / f"{name}.png")
        print(name, browser.path, flush=True)

    return walk(demo, language, width, picture)


def main(target, language="en", width="1280"):
    folder = Path(tempfile.mkdtemp(prefix="aikatori pictures "))
    folder.chmod(0o755)
    server = Server(
        folder, AIKATORI_DEMO="full", AIKATORI_TOKENS_FILE=str(folder / "tokens.json"))
    try:
        server.ready(timeout=240)
        missing = take(Demo(server, folder), Path(target), language, int(width))
    finally:
        server.end()
        remove(folder)
    if missing:
        sys.exit(f"these pages have no picture: {missing}")


if __name__ == "__main__":
    main(*sys.argv[1:])
