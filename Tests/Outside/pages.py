"""What the tests of the pages share: who is who, and what holds for every page."""

import os
import time
from pathlib import Path

import pytest
from browser import CHROMIUM, DRIVER
from running import PROGRAM
from selenium.common.exceptions import StaleElementReferenceException

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
    assert browser.weight() < 100_000, browser.parts()
    found = browser.violations()
    assert found == [], (name, found)
    assert not browser.scrolls_sideways(), name
    complaints = browser.complaints()
    assert complaints == [], (name, complaints)
    assert len(browser.all("h1")) == 1 and len(browser.all("main")) == 1, name
    assert browser.all("aside.demo"), f"{name} does not say that it is a demo"


def until(holds, seconds=30):
    """What is asked for again and again, until it is there; a part of the page may be replaced
    while it is looked at."""
    end = time.monotonic() + seconds
    while True:
        try:
            if found := holds():
                return found
        except StaleElementReferenceException:
            pass
        assert time.monotonic() < end, "it has not come"
        time.sleep(0.1)


def set_value(browser, field, value):
    """As a field for a date or a time gives it, whatever the browser's own language types."""
    browser.driver.execute_script(
        "document.getElementById(arguments[0]).value = arguments[1]", field, value)


def named_fields(browser):
    """What the error summary leads to: fields that are there, and say themselves what is wrong."""
    links = [each.get_attribute("href").split("#")[1] for each in browser.all(".errors a")]
    assert len(links) == len(browser.all(".errors li")), "an error names no field"
    for field in links:
        found = browser.find(f"#{field}")
        described = found.get_attribute("aria-describedby") or found.find_element(
            "xpath", "./ancestor::fieldset").get_attribute("aria-describedby")
        assert f"{field}-error" in described, field
        assert browser.find(f"#{field}-error").is_displayed(), field
    return links
