"""Payments out, from the approval of invoices to the bank's answer: held to the schema of pain.001
that another's package has, by the pages of two people."""

import re
import urllib.request
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path

import pytest
from lxml import etree
from running import PROGRAM

pytestmark = pytest.mark.skipif(not PROGRAM.exists(), reason="nothing is built")
PAIN = "pain.001.001.09"
SCHEMAS = Path(find_spec("sepaxml").origin).parent / "schemas"
NS = {"p": f"urn:iso:std:iso:20022:tech:xsd:{PAIN}"}


def invoice(trade):
    """A visit of one month, stated, accepted and invoiced in the next."""
    seller, buyer = trade.seller["finance"], trade.buyer["finance"]
    visit = trade.held()
    trade.to_next_month()
    statement = trade.post(seller, "/v1/statements", {
        "contract": visit["contract"], "period": visit["starts"][:7]})
    trade.post(buyer, f"/v1/statements/{statement['id']}/accept", {"total": statement["total"]})
    trade.post(seller, "/v1/invoices", {"statement": statement["id"]})


@pytest.fixture(scope="module")
def paid(trade):
    """What a buyer owes, in a file that a second person approved."""
    finance, admin = trade.buyer["finance"], trade.buyer["admin"]
    invoice(trade)
    owed = trade.get(finance, "/v1/payables")["invoices"]
    assert owed
    for each in owed:
        trade.post(finance, f"/v1/invoices/{each['invoice']}/payment-approval")
    day = trade.now().date() + timedelta(days=3)
    file = trade.post(finance, "/v1/payment-files", {
        "invoices": [each["invoice"] for each in owed], "execution_on": day.isoformat()})
    return owed, trade.post(admin, f"/v1/payment-files/{file['id']}/approve")


def document(trade, file):
    request = urllib.request.Request(
        f"{trade.server.address}/v1/payment-files/{file['id']}/pain001",
        headers={"Authorization": f"Bearer {trade.buyer['finance']}"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.read()


def test_the_file_has_the_schema(trade, paid):
    owed, file = paid
    written = document(trade, file)
    assert written == document(trade, file)
    root = etree.fromstring(written)
    etree.XMLSchema(file=str(SCHEMAS / f"{PAIN}.xsd")).assertValid(root)
    assert root.findtext(".//p:GrpHdr/p:MsgId", namespaces=NS) == file["message_id"]
    references = root.findall(".//p:CdtrRefInf/p:Ref", NS)
    assert sorted(each.text for each in references) == sorted(
        each["reference"] for each in owed)
    accounts = root.findall(".//p:CdtrAcct/p:Id/p:IBAN", NS)
    assert {each.text for each in accounts} == {each["iban"] for each in owed}
    for party in root.findall(".//p:Dbtr", NS) + root.findall(".//p:Cdtr", NS):
        assert party.findtext("p:PstlAdr/p:TwnNm", namespaces=NS)
        assert re.fullmatch("[A-Z]{2}", party.findtext("p:PstlAdr/p:Ctry", namespaces=NS))


def test_a_rejection_is_read_and_settles_nothing(trade, paid):
    owed, file = paid
    finance = trade.buyer["finance"]
    name = file["payments"][0]["end_to_end_id"]
    answer = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt>'
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>{file['message_id']}</OrgnlMsgId><GrpSts>PART</GrpSts>"
        "</OrgnlGrpInfAndSts><OrgnlPmtInfAndSts><TxInfAndSts>"
        f"<OrgnlEndToEndId>{name}</OrgnlEndToEndId><TxSts>RJCT</TxSts><StsRsnInf><Rsn><Cd>AC04</Cd>"
        "</Rsn></StsRsnInf></TxInfAndSts></OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>").encode()
    read = trade.ask(finance, "POST", f"/v1/payment-files/{file['id']}/status", file=answer)
    assert [each["code"] for each in read["payments"] if each["state"] == "rejected"] == ["AC04"]
    again = trade.get(finance, "/v1/payables")["invoices"]
    assert {each["invoice"]: each["open"] for each in again} == {
        each["invoice"]: each["open"] for each in owed}
    assert [each["rejection"] for each in again if each["rejection"]] == ["AC04"]
