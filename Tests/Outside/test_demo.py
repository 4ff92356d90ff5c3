"""`aikatori demo`, run as a person runs it: what it tells, and the files that it leaves."""

import hashlib
import json
import re
import subprocess

import pytest
import test_einvoice as einvoice
from jsonschema import Draft202012Validator
from lxml import etree
from running import PROGRAM, ROOT, environment
from signatures import check, decoded

HEADINGS = [
    "1. A contract, made from a template and signed by both",
    "2. Time on sale, over the end of summer time",
    "3. Search, booking, and what is refused",
    "4. The handshake: both sides agree on the session",
    "5. The visit: only the time together counts",
    "6. The charge, and the two mirrored books",
    "7. The month closes: statement, acceptance, invoice",
    "8. The payment, and everything explained",
]

# What each step must tell, by its number; white space counts once.
FACTS = {
    1: [
        "psychiatrist-remote-visit", "A 17-minute visit 61.20 61.20 holds",
        "A visit of 17 minutes and a second 64.80 64.80 holds",
        "18 minutes × 3.60 euros = 64.8 euros.", 'the contract is "active"',
        "both Ed25519 signatures were verified",
        "example_differs at /worked_examples/0: expects 61.20, but the contract makes it 66.30",
    ],
    2: [
        "Psychiatrist 1: Tuesdays and Thursdays", "Psychiatrist 2: on call early on Sundays",
        "Tue 20 Oct 2026 09:00 +03:00 Tue 20 Oct 2026 06:00 3 hours",
        "Tue 27 Oct 2026 09:00 +02:00 Tue 27 Oct 2026 07:00 3 hours",
        "Sun 25 Oct 2026 01:00 +03:00 Sat 24 Oct 2026 22:00 5 hours",
        "Sun 1 Nov 2026 01:00 +02:00 Sat 31 Oct 2026 23:00 4 hours",
    ],
    3: [
        "Tue 27 Oct 2026 10:00 +02:00 Psychiatrist 1 162.00", "175.50 (45 × 3.90)",
        "Example Care Home has no contract: it finds nothing (0 results)",
        "Example Health Centre holds Tue 27 Oct 2026 10:00 +02:00",
        'refused, 409 taken: "The time is taken"', "Example Health Centre confirms: booked",
        "it would cost 81.00 EUR", "refused, 409 cancellation_cost_differs",
        "it cancels: 81.00 EUR are charged",
    ],
    4: [
        "1 Example Health Centre propose for Tue 27 Oct 10:00 +02:00",
        "2 Example Hospital counter for Tue 27 Oct 10:30 +02:00",
        "3 Example Health Centre accept",
        "4 Example Health Centre ready checked: device, line, record access",
        "5 Example Hospital ready checked: device, line, record access",
        "The booking has moved along, from 10:00 to Tue 27 Oct 2026 10:30 +02:00",
    ],
    5: [
        "refused, 403 join_not_yet_open", "line was down for 110 seconds",
        "Together: 37 min 20 s", "Both sides attest these minutes",
    ],
    6: [
        "Both sides were present together for 2240 seconds.",
        "38 minutes × 3.60 euros = 136.8 euros.", "Charge of 136.80 EUR, sealed with SHA-256",
        "Example Hospital unbilled receivable 136.80", "revenue 136.80",
        "Example Health Centre expense 136.80", "unbilled payable 136.80",
    ],
    7: [
        "refused, 409 period_not_over", "total 217.80", "refused, 409 statement_not_accepted",
        "accepts the total that it saw, 217.80 EUR", "Invoice AK-2026-000001: 217.80 EUR",
        "due Wed 2 Dec 2026", "AK-2026-000001.xml",
    ],
    8: [
        "217.80 of 217.80 EUR open, due 2026-12-02, in 30 days, nothing paid",
        "217.80 EUR: matched by its reference to AK-2026-000001, which is paid",
        "45.00 EUR: waits for a person to look at it (no reference)",
        "imported again, changes nothing", "Example Health Centre: nothing",
        "all 653.40 653.40 0.00", "the books agree", "nothing differs",
    ],
}


# What is another in every run.
CHANGING = re.compile(r"127\.0\.0\.1:\d+|[0-9a-f]{16}…| \.\.+ \d+\.\d s|\d+\.\d seconds")


class Played:
    """One run of the demo."""

    def __init__(self, var, *arguments):
        self.finished = subprocess.run(
            [PROGRAM, "demo", *arguments], env=environment(var), cwd=var, capture_output=True,
            text=True, timeout=300, check=False)
        self.text = self.finished.stdout

    def step(self, number):
        """The text under a step's heading, in one line."""
        lines = self.text.split("\n")
        begin = lines.index(HEADINGS[number - 1])
        rest = HEADINGS[number:]
        end = lines.index(rest[0]) if rest else len(lines)
        return " ".join(" ".join(lines[begin + 1:end]).split())


@pytest.fixture(scope="module")
def var(tmp_path_factory):
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def runs(var):
    """Two in a row, in the same folder."""
    return [Played(var), Played(var)]


@pytest.fixture(scope="module")
def folder(var, runs):
    return var / "demo-output"


def test_it_succeeds_as_often_as_one_likes(runs):
    for run in runs:
        assert run.finished.returncode == 0, run.text + run.finished.stderr
        assert run.finished.stderr == ""


@pytest.mark.parametrize("number", FACTS)
def test_each_step_tells_its_facts(runs, number):
    for run in runs:
        told = run.step(number)
        assert [fact for fact in FACTS[number] if fact not in told] == []


def test_its_figures_are_the_same_every_time(runs):
    first, second = [CHANGING.sub("~", run.text).split("\n") for run in runs]
    assert first == second


def test_the_readme_shows_what_it_prints(runs):
    shown = ROOT.joinpath("README.md").read_text(encoding="utf-8")
    shown = shown.split("Some of what `make demo` prints:")[1].split("```")[1]
    printed = CHANGING.sub("~", runs[0].text).split("\n")
    lines = [line for line in CHANGING.sub("~", shown).split("\n") if line.strip() != "…"]
    assert len(lines) > 40
    assert [line for line in lines if line not in printed] == []


def test_it_is_plain_text_of_a_readable_width(runs):
    text = runs[0].text
    assert "\x1b" not in text
    assert max(map(len, text.split("\n"))) <= 100


def test_nothing_of_it_stays_but_its_files(var, runs, folder):
    assert [entry.name for entry in var.iterdir()] == [folder.name]
    listed = re.findall(r"demo-output/[\w./-]+\w", runs[1].text)
    written = [path.relative_to(var).as_posix() for path in folder.rglob("*") if path.is_file()]
    assert sorted(set(listed)) == sorted(written)


def test_the_invoice_passes_the_rules_and_the_schema(folder):
    schema = etree.XMLSchema(
        file=einvoice.inside("peppol", "schema", "maindoc", "UBL-Invoice-2.1.xsd"))
    invoices = sorted((folder / "invoices").glob("*.xml"))
    assert [path.name for path in invoices] == ["AK-2026-000001.xml"]
    for path in invoices:
        invoice = etree.parse(path).getroot()
        einvoice.test_all_official_rules(path)
        einvoice.test_schema(invoice, schema)
        einvoice.test_due_date_is_not_before_the_issue(invoice)
        einvoice.test_check_digits(invoice)
        einvoice.test_vat_is_recomputed_to_the_cent(invoice)
        einvoice.test_lines_are_recomputed_to_the_cent(invoice)
        einvoice.test_an_exemption_has_one_reason(invoice)
        total = "cac:LegalMonetaryTotal/cbc:PayableAmount"
        assert einvoice.text(invoice, total) == "217.80"


def test_the_bank_file_has_the_schema_and_the_payment(folder):
    files = sorted((folder / "bank").glob("*.xml"))
    assert len(files) == 1
    einvoice.test_bank_file_schema(files[0])
    invoice = etree.parse(folder / "invoices" / "AK-2026-000001.xml").getroot()
    reference = einvoice.text(invoice, "cac:PaymentMeans/cbc:PaymentID")
    paid = etree.parse(files[0]).getroot()
    assert [found.text for found in paid.iter("{*}Ref")] == [reference]


def test_the_signed_contract_verifies(folder, runs):
    keys = json.loads((folder / "contract" / "keys.json").read_text())["keys"]
    name = "psychiatrist-remote-visit.jws.json"
    signed = json.loads((folder / "contract" / name).read_text())
    signers = {header["kid"] for header in check(signed, keys)}
    assert len(signers) == 2

    payload = decoded(signed["payload"])
    assert hashlib.sha256(payload).hexdigest()[:16] in runs[1].step(1)
    schema = json.loads((ROOT / "contracts" / "v1" / "contract.schema.json").read_text())
    assert list(Draft202012Validator(schema).iter_errors(json.loads(payload))) == []


def test_a_step_that_fails_ends_it(tmp_path):
    """Its files cannot be written where a file is in the place of their folder."""
    (tmp_path / "taken").write_text("")
    run = Played(tmp_path, "--output", "taken")
    assert run.finished.returncode != 0
    assert "Error:" in run.finished.stderr
    assert HEADINGS[1] not in run.text
    assert [entry.name for entry in tmp_path.iterdir()] == ["taken"]
