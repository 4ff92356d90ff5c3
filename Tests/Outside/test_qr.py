"""The QR codes that the Swift tests wrote, read by ZXing's decoder."""

import json

import pytest
import zxingcpp
from PIL import Image
from running import ROOT

CODES = ROOT / ".build/outside/qr/codes.jsonl"


def picture(rows, module):
    """The code with its quiet zone, so many pixels a module."""
    side = len(rows) + 8
    small = Image.new("L", (side, side), 255)
    for down, row in enumerate(rows):
        for right, dark in enumerate(row):
            if dark == "1":
                small.putpixel((right + 4, down + 4), 0)
    return small.resize((side * module, side * module), Image.Resampling.NEAREST)


@pytest.mark.skipif(not CODES.exists(), reason="the Swift tests have written none")
def test_a_decoder_reads_every_code():
    sides = set()
    for line in CODES.read_text().splitlines():
        code = json.loads(line)
        found = zxingcpp.read_barcodes(picture(code["rows"], 5))
        assert len(found) == 1, code["text"]
        assert found[0].bytes == code["text"][0].encode()
        assert found[0].format == zxingcpp.BarcodeFormat.QRCode
        sides.add(len(code["rows"]))
    assert sides == {17 + 4 * version for version in range(1, 11)}


@pytest.mark.skipif(not CODES.exists(), reason="the Swift tests have written none")
def test_a_damaged_code_is_still_read():
    """Level M mends about a seventh of a code: a blot over a corner of the data does not hurt."""
    code = json.loads(CODES.read_text().splitlines()[5])
    rows = [list(row) for row in code["rows"]]
    middle = len(rows) // 2
    for down in range(middle, middle + 4):
        for right in range(middle, middle + 4):
            rows[down][right] = "0" if rows[down][right] == "1" else "1"
    found = zxingcpp.read_barcodes(picture(rows, 5))
    assert [each.text for each in found] == code["text"]
