"""What the tests of the pages share: who is who, and what holds for every page."""

import os
from pathlib import Path

import pytest
from browser import CHROMIUM, DRIVER
from running import PROGRAM

SELLER, BUYER = "Example Hospital", "Example Health Centre North"
LANGUAGES = ["fi", "sv", "en"]
# Where somebody wants to look at the pages: a folder for their pictures.
PICTURES = os.environ.get("AIKATORI_PICTURES")

needs_a_browser = [
    pytest.mark.skipif(not PROGRAM.exists(), reason="nothing is built"),
    pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="there is no chromium or its driver"),
]


def look(browser, name):
    """What holds for every page; its picture where pictures are wanted."""
    if PICTURES:
        Path(PICTURES).mkdir(parents=True, exist_ok=True)
        browser.picture(Path(PICTURES) / f"{name}.png")
    assert browser.weight() < 100_000
    assert browser.violations() == [], name
    assert not browser.scrolls_sideways(), name
    assert browser.complaints() == [], name
    assert len(browser.all("h1")) == 1 and len(browser.all("main")) == 1, name
    assert browser.all("aside.demo"), f"{name} does not say that it is a demo"
