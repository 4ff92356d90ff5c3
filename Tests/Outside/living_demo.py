"""What there is in the full demo: where its pages lie, and how to come to those that move."""

import json
import re
import urllib.request
import uuid

from browser import Browser

HOSPITAL, NORTH, SOUTH = (
    "Example Hospital", "Example Health Centre North", "Example Health Centre South")
PHYSICIANS = "Example Remote Physicians"
UNIVERSITY = "Example University Hospital"
NOW = "2027-03-09T05:30:00Z"


class Demo:
    """The full demo, and the addresses of things in it that are worth a picture."""

    def __init__(self, server, folder):
        self.server = server
        organisations = json.loads((folder / "tokens.json").read_text())["organisations"]
        self.tokens = {each["name"]: each["tokens"] for each in organisations}

    def first(self, organisation, role, path, wanted=lambda item: True):
        """The first item of a list that is wanted."""
        mark = "&" if "?" in path else "?"
        status, page = self.server.get(
            f"{path}{mark}limit=200", self.tokens[organisation][role])
        assert status == 200, page
        return next(item for item in page["items"] if wanted(item))

    def booking(self, organisation, state, handshake=None, service=None):
        """A booking, by its own state and by that of its handshake; those ahead come first."""
        def wanted(item):
            if service and item["service"] != service:
                return False
            if handshake is None:
                return True
            status, found = self.server.get(
                f"/v1/bookings/{item['id']}/handshake", self.tokens[organisation]["scheduler"])
            return status == 200 and found["state"] == handshake
        ahead = f"&from={NOW}" if state == "booked" else ""
        item = self.first(organisation, "scheduler", f"/v1/bookings?state={state}{ahead}", wanted)
        return f"/bookings/{item['id']}"

    def week(self, label):
        """The calendar of the week after this one, of a specialist who has visits in it."""
        specialist = self.first(
            HOSPITAL, "scheduler", "/v1/specialists", lambda item: item["label"] == label)
        return f"/calendar?specialist={specialist['id']}&week=2027-03-15"

    def of(self, organisation, role, kind, /, **wanted):
        """The page of the first thing of a kind that has these members."""
        item = self.first(
            organisation, role, f"/v1/{kind}",
            lambda item: all(item[key] == value for key, value in wanted.items()))
        return f"/{kind}/{item['id']}"

    def basis(self):
        """The basis of an accepted statement whose invoice its seller's own system makes."""
        for item in self.server.get(
                "/v1/statements?state=accepted&limit=200",
                self.tokens[UNIVERSITY]["finance"])[1]["items"]:
            path = f"/statements/{item['id']}/invoice-basis"
            status, found = self.server.get("/v1" + path, self.tokens[UNIVERSITY]["finance"])
            if status == 200 and found["parts"]:
                return path
        raise AssertionError("no basis waits")

    def account(self):
        """The statement of an account that had something in the demo's last whole month."""
        status, found = self.server.get(
            "/v1/ledger/month-balance?month=2027-02", self.tokens[HOSPITAL]["finance"])
        assert status == 200, found
        account = next(each for each in found["accounts"] if each["debits"] != "0.00")
        return (f"/account-statement?account={account['code']}"
                f"&counterparty={account['counterparty']}&month=2027-02")

    def visit(self):
        """The page of a visit that is agreed on."""
        return self.booking(NORTH, "booked", "agreed", "psychiatrist-visit").replace(
            "/bookings/", "/visits/")

    def room(self):
        """The week of a room in which the demo has visits."""
        return self.of(NORTH, "scheduler", "resources", kind="room") + "?week=2027-03-08"

    def session(self, organisation, left=True):
        """The group session to come, with places left or none, as one of its parties sees it."""
        session = self.first(organisation, "scheduler", "/v1/group-sessions", lambda each:
                             each["starts"] > NOW and (each["taken"] < each["places"]) == left)
        return f"/sessions/{session['id']}"

    def new_contract(self):
        """The form of a new contract, from a template with supplements."""
        buyer = self.first(
            HOSPITAL, "admin", "/v1/organisations", lambda item: item["name"] == SOUTH)
        return (
            "/contracts/new/form?template=home-care-physician-on-demand&side=seller"
            f"&with={buyer['id']}&first_day=2027-04-01&last_day=2028-03-31"
            "&buyer_reference=HC-2027")

    def seller(self):
        """The page of the first seller with a published profile."""
        found = self.first(NORTH, "admin", "/v1/profiles")
        return f"/sellers/{found['organisation']}"

    def need(self):
        """The page of a need with answers."""
        need = self.first(
            NORTH, "admin", "/v1/needs?whose=own", lambda item: len(item["answers"]) > 1)
        return f"/needs/{need['id']}"

    def price(self):
        """The price of a visit under the first contract that is in force."""
        contract = self.first(
            SOUTH, "admin", "/v1/contracts", lambda item: item["state"] == "active")
        status, version = self.server.get(
            f"/v1/contracts/{contract['id']}/versions/1", self.tokens[SOUTH]["admin"])
        assert status == 200, version
        service = version["document"]["services"][0]
        return (
            f"/contracts/{contract['id']}/price?service={service['code']}"
            f"&minutes={service['planned_minutes']['minimum']}"
            "&date=2027-03-13&time=18:40&present_minutes=23")

    def contract(self, organisation, wanted):
        """The number and the newest version of the first contract of which something holds."""
        token = self.tokens[organisation]["admin"]
        for contract in self.server.get("/v1/contracts?limit=200", token)[1]["items"]:
            _, sheet = self.server.get(f"/v1/contracts/{contract['id']}", token)
            number = sheet["versions"][-1]["number"]
            _, version = self.server.get(
                f"/v1/contracts/{contract['id']}/versions/{number}", token)
            if wanted(sheet, version["document"]):
                return f"/contracts/{contract['id']}", number
        raise AssertionError("there is no such contract")

    def changes(self):
        """What an offered version of a contract in force changes."""
        contract, number = self.contract(SOUTH, lambda sheet, _: len(sheet["versions"]) > 1)
        return f"{contract}/versions/{number}/changes"

    def declining(self):
        """Where an offered version is declined."""
        contract, number = self.contract(SOUTH, lambda sheet, _: len(sheet["versions"]) > 1)
        return f"{contract}/decline?number={number}"

    def notice(self):
        """Where notice is given under a contract that one side can end."""
        return self.contract(
            SOUTH, lambda sheet, terms: len(sheet["versions"]) == 1 and "termination" in terms
        )[0] + "/notice"


def disputable(demo):
    """The form by which a buyer disputes a line of an open statement of the hospital's."""
    page = demo.of(HOSPITAL, "finance", "statements", state="open")
    status, statement = demo.server.get("/v1" + page, demo.tokens[HOSPITAL]["finance"])
    assert status == 200, statement
    line = next(line for line in statement["lines"] if not line["dispute"])
    return f"{page}/disputes?charge={line['charge']}"


def buyer_of_open(demo):
    """Whose finance people look at that statement."""
    statement = demo.first(
        HOSPITAL, "finance", "/v1/statements", lambda item: item["state"] == "open")
    status, page = demo.server.get(
        "/v1/organisations?limit=200", demo.tokens[HOSPITAL]["finance"])
    assert status == 200, page
    return next(each["name"] for each in page["items"] if each["id"] == statement["buyer"])


def disputed(demo, browser):
    """The dispute that the form makes."""
    browser.open(disputable(demo))
    browser.find("#figure").send_keys("0")
    browser.find("#words").send_keys("The visit did not take place.")
    browser.go("main form button")
    return browser.path.split("?")[0]


def billing_run(demo, browser):
    """A run over all contracts of the hospital's."""
    browser.open("/billing-runs")
    browser.go("main form button")
    return browser.path.split("?")[0]


def creditable(demo):
    """The form by which the hospital takes an invoice back."""
    item = demo.first(
        HOSPITAL, "finance", "/v1/invoices", lambda item: item["state"] != "credited")
    return f"/invoices/{item['id']}/credit-notes"


def owed(demo):
    """The form by which the hospital gives up what is open of an invoice."""
    item = demo.first(HOSPITAL, "finance", "/v1/invoices", lambda item: item["open"] != "0.00")
    return f"/invoices/{item['id']}/write-offs"


def owed_back(demo, browser):
    """The form by which the hospital says that it paid back what was paid before a credit note."""
    item = demo.first(HOSPITAL, "finance", "/v1/invoices", lambda item: item["state"] == "paid")
    browser.open(f"/invoices/{item['id']}/credit-notes")
    browser.find("#reason").send_keys("Another price was agreed.")
    browser.go("main form button")
    return f"/invoices/{item['id']}/refunds"


def credited(demo, browser):
    """A credit note of all that remains of an invoice."""
    browser.open(creditable(demo))
    browser.find("#reason").send_keys("Another price was agreed.")
    browser.go("main form button")
    return browser.path.split("?")[0]


def found_time(browser):
    """The page of the first time that a search finds."""
    browser.open("/find?service=psychiatrist-visit&minutes=45")
    return browser.find("a.time").get_attribute("href").removeprefix(browser.address)


def first_member(browser):
    """The specialist of the organisation's members."""
    browser.open("/settings/members")
    return browser.all("main tbody a")[2].get_attribute("href").removeprefix(browser.address)


def mail_sent(browser):
    """The page that says that a link is on its way."""
    browser.open("/sign-in").type("#email", "scheduler@island.example")
    browser.go("form[action='/sign-in/address'] button")
    return browser.path


def mailed_link(browser):
    """The page that the newest link by mail opens."""
    browser.open("/mail")
    return re.search(r"/sign-in/link\S*", browser.text)[0]


def second_factor(browser):
    """The page with the key of a new second factor."""
    browser.open("/account").go("form[action='/account/second-factor'] button")
    return browser.path


def first_visit(browser):
    """The first visit of today."""
    browser.open("/day")
    return browser.find("#live-day .visit a").get_attribute("href").removeprefix(browser.address)


def join(demo, browser, then=""):
    """The page of a guest, by a new link in the browser's language."""
    language = browser.driver.execute_script("return navigator.language")[:2]
    member = Browser(demo.server.address)
    try:
        member.sign_in(NORTH, "scheduler").open(demo.visit() + "/guests")
        member.choose("#language", language).go("main form[action$='/guests'] button")
        return member.find("#guest-link").text.removeprefix(demo.server.address) + then
    finally:
        member.close()


def chosen_answer(demo, browser):
    """The page on which an answer to a need is chosen."""
    browser.open(demo.need())
    link = browser.find("a[href*='/accept?answer=']")
    return link.get_attribute("href").removeprefix(browser.address)


def payment_file(demo):
    """The page of a payment file with all that the buyer owes; proposed when there is none."""
    token = demo.tokens[NORTH]["finance"]

    def post(path, body=None):
        request = urllib.request.Request(
            demo.server.address + path, method="POST",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid.uuid4()),
                     **({} if body is None else {"Content-Type": "application/json"})})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    status, files = demo.server.get("/v1/payment-files", token)
    assert status == 200, files
    if files["items"]:
        return f"/payment-files/{files['items'][0]['id']}"
    status, payables = demo.server.get("/v1/payables", token)
    assert status == 200, payables
    owed = [each["invoice"] for each in payables["invoices"]]
    for invoice in owed:
        post(f"/v1/invoices/{invoice}/payment-approval")
    file = post("/v1/payment-files", {"invoices": owed, "execution_on": "2027-04-01"})
    return f"/payment-files/{file['id']}"
