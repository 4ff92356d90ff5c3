"""What a bank writes of one day on an account, as camt.053 (ISO 20022)."""

import re
from decimal import Decimal
from xml.sax.saxutils import escape

CAMT = "urn:iso:std:iso:20022:tech:xsd:"


def bank_file(name, account, day, payments):
    """Payments that came in, each with its sum, its reference number or None, and who paid."""
    opening = Decimal("100.00")
    closing = opening + sum(Decimal(amount) for amount, _, _ in payments)

    def balance(code, amount):
        return (f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy=\"EUR\">{amount}"
                f"</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>")

    def entry(place, amount, reference, payer):
        structured = (f"<RmtInf><Strd><CdtrRefInf><Tp><CdOrPrtry><Cd>SCOR</Cd></CdOrPrtry></Tp>"
                      f"<Ref>{reference}</Ref></CdtrRefInf></Strd></RmtInf>" if reference else "")
        return (f"<Ntry><Amt Ccy=\"EUR\">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd>"
                f"<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{day}</Dt></BookgDt>"
                f"<AcctSvcrRef>{name}-{place}</AcctSvcrRef><BkTxCd><Domn><Cd>PMNT</Cd><Fmly>"
                f"<Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>"
                f"<NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs>"
                f"<RltdPties><Dbtr><Pty><Nm>{escape(payer)}</Nm></Pty></Dbtr></RltdPties>"
                f"{structured}</TxDtls></NtryDtls></Ntry>")

    entries = "".join(entry(place, *payment) for place, payment in enumerate(payments))
    made = f"{day}T18:00:00Z"
    return ('<?xml version="1.0" encoding="UTF-8"?>\n'
            '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>'
            f"<GrpHdr><MsgId>{name}</MsgId><CreDtTm>{made}</CreDtTm></GrpHdr>"
            f"<Stmt><Id>{name}</Id><CreDtTm>{made}</CreDtTm>"
            f"<Acct><Id><IBAN>{account}</IBAN></Id></Acct>"
            f"{balance('OPBD', opening)}{balance('CLBD', closing)}{entries}"
            "</Stmt></BkToCstmrStmt></Document>\n").encode()


def in_version(name, account, day, payments, version):
    """The same in another version of camt.053: names and states stood less deep at first, and
    from .03 on each payment has its own amount and direction."""
    text = bank_file(name, account, day, payments).decode()
    number = int(version[-2:])
    if number < 7:
        text = text.replace("<Pty><Nm>", "<Nm>").replace("</Nm></Pty>", "</Nm>")
        text = text.replace("<Sts><Cd>BOOK</Cd></Sts>", "<Sts>BOOK</Sts>")
    if number > 2:
        amounts = iter(payments)
        text = re.sub("</Refs>", lambda _: (
            f"</Refs><Amt Ccy=\"EUR\">{next(amounts)[0]}</Amt><CdtDbtInd>CRDT</CdtDbtInd>"), text)
    return text.replace("camt.053.001.08", version).encode()


def notification(name, account, day, payments, version):
    """The same as camt.054: a notification has no balances."""
    text = in_version(name, account, day, payments, version).decode()
    head, rest = text.split("<Bal>", 1)
    entries = rest[rest.index("<Ntry>"):] if "<Ntry>" in rest else "</Stmt></BkToCstmrStmt>"
    text = head + entries
    return (text.replace("BkToCstmrStmt", "BkToCstmrDbtCdtNtfctn")
            .replace("<Stmt>", "<Ntfctn>").replace("</Stmt>", "</Ntfctn>")).encode()
