"""What the tests of the built program share."""

import tempfile
from pathlib import Path

import pytest
from browser import Browser
from running import Server, remove


@pytest.fixture(scope="module")
def make_folder():
    """Folders that PostgreSQL's own user may enter, with a blank in their names."""
    made = []

    def make(mode=0o755):
        folder = Path(tempfile.mkdtemp(prefix="aikatori var "))
        folder.chmod(mode)
        made.append(folder)
        return folder

    yield make
    for folder in made:
        remove(folder)


@pytest.fixture(scope="session")
def pages_server():
    """One full demo with its pages, for all tests that look at pages."""
    folder = Path(tempfile.mkdtemp(prefix="aikatori pages "))
    folder.chmod(0o755)
    server = Server(
        folder, AIKATORI_DEMO="full", AIKATORI_TOKENS_FILE=str(folder / "tokens.json")
    ).ready(timeout=240)
    yield server
    assert server.end() == 0, server.said()
    remove(folder)


@pytest.fixture
def browse(pages_server):
    """Opens a browser on the demo; it is closed when the test ends."""
    open_browsers = []

    def make(*arguments, **settings):
        browser = Browser(pages_server.address, *arguments, **settings)
        open_browsers.append(browser)
        return browser

    yield make
    for browser in open_browsers:
        browser.close()
