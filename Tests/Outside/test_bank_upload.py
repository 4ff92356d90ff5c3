"""A bank's file by the form of the page, as another's encoder writes the upload: urllib3's."""

import hashlib
import http.cookiejar
import re
import urllib.error
import urllib.parse
import urllib.request

import pytest
import urllib3
from bank import bank_file
from pages import SELLER
from running import PROGRAM
from urllib3.fields import RequestField

pytestmark = pytest.mark.skipif(not PROGRAM.exists(), reason="nothing is built")
ACCOUNT = "FI2112345600000785"

NAMES = [
    "tiliote.xml", "tiliote äöå ÄÖÅ.xml", 'tiliote "maaliskuu" 2027.xml', "a;b=c, d.xml",
    "C:\\tiliotteet\\maaliskuu.xml", "../../etc/passwd", "rivi\r\nSet-Cookie: a=b.xml", "€ 😀.xml",
    "%22%0D%0A.xml", "'; filename*=utf-8''x", "x" * 255, "ä" * 255,
]


class Page:
    """The page of bank files, for one who is signed in, without a browser."""

    def __init__(self, address):
        self.address = address
        jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        section = self.read("/sign-in").split(f">{SELLER}</h2>")[1]
        member = re.findall(r'name="member" value="([^"]+)"', section)[3]
        seal = re.findall(r'name="seal" value="([^"]+)"', section)[0]
        self.read("/sign-in", f"member={member}&seal={seal}".encode())

    def read(self, path, body=None, kind="application/x-www-form-urlencoded"):
        """What a page says after all redirections; `where` it is then is kept."""
        request = urllib.request.Request(
            self.address + path, data=body, headers={"Accept-Language": "en"})
        if body is not None:
            request.add_header("Content-Type", kind)
        try:
            with self.opener.open(request, timeout=30) as answer:
                self.where = answer.url.removeprefix(self.address)
                self.status = answer.status
                return answer.read().decode()
        except urllib.error.HTTPError as refusal:
            self.where, self.status = refusal.url.removeprefix(self.address), refusal.code
            return refusal.read().decode()

    def upload(self, name, content, form, *, rfc2231=False, boundary=None, first=False):
        """`rfc2231`: a name that is no ASCII is written as some clients write it still."""
        file = RequestField("file", content, filename=name)
        file.make_multipart(content_type="application/xml")
        if rfc2231:
            quoted = urllib.parse.quote(name, safe="")
            file.headers["Content-Disposition"] = (
                f"form-data; name=\"file\"; filename*=utf-8''{quoted}")
        fields = [file, *form.items()] if first else [*form.items(), file]
        body, kind = urllib3.encode_multipart_formdata(fields, boundary)
        return self.read("/bank-files", body, kind)

    def form(self):
        """What the page's own form has hidden in it."""
        page = self.read("/bank-files").split('action="/bank-files"')[1]
        return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]+)"', page)[:2])


@pytest.fixture(scope="module")
def page(trade):
    return Page(trade.server.address)


def stored(trade, page):
    """What the market took in of the file whose page this is."""
    assert page.where.startswith("/bank-files/bankfile_"), page.where
    return trade.get(trade.seller["finance"], "/v1" + page.where.split("?")[0])


@pytest.mark.parametrize("rfc2231", [False, True], ids=["as-browsers", "rfc2231"])
@pytest.mark.parametrize("number", range(len(NAMES)), ids=lambda number: f"name-{number}")
def test_a_file_is_taken_in_byte_for_byte(trade, page, number, rfc2231):
    day = f"{trade.now():%Y-%m-%d}"
    identifier = f"UPLOAD-{number}-{rfc2231}"
    written = bank_file(identifier, ACCOUNT, day, [("12.00", None, "Esimerkki Öljy & Sähkö")])
    # lines that end in every way, dashes, and an end that looks like the end of a part
    written = written.replace(
        b"<GrpHdr>", b"<!-- \r\n- \n -\xc3\xa4\r-\r\n\r\n --><GrpHdr>") + b"\r\n\r\n\r\n"
    form = page.form()
    order = {"rfc2231": rfc2231, "first": number % 2 == 1}
    said = page.upload(NAMES[number], written, form, **order)
    found = stored(trade, page)
    assert found["sha256"] == hashlib.sha256(written).hexdigest()
    assert "Esimerkki Öljy &amp; Sähkö" in said
    # the same form again, under another boundary: one file
    first = page.where.split("?")[0]
    page.upload(NAMES[number], written, form, boundary="-" * 27 + "0123456789", **order)
    assert page.where.split("?")[0] == first


@pytest.mark.parametrize("name", ["tyhjä.xml", "", '"'], ids=["letters", "no-name", "quote"])
def test_an_empty_file_is_named_at_its_field(page, name):
    said = page.upload(name, b"", page.form())
    assert page.status == 422 and 'href="#file"' in said


def test_a_seal_that_is_none_is_refused(trade, page):
    day = f"{trade.now():%Y-%m-%d}"
    written = bank_file("UPLOAD-SEAL", ACCOUNT, day, [])
    page.upload("a.xml", written, {**page.form(), "seal": "0" * 64})
    assert page.status == 403
    page.upload("a.xml", written, {"key": "1"})
    assert page.status == 403
