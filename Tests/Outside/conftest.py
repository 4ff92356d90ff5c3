"""What the tests of the built program share."""

import tempfile
from pathlib import Path

import pytest
from browser import Browser
from pages import BUYER, SELLER
from running import remove, serving
from visits import Trade


def pytest_configure(config):
    config.addinivalue_line(
        "markers", "alone: several browsers in a call, which take the whole machine")


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
    with serving(folder, timeout=240, AIKATORI_DEMO="full") as server:
        yield server
    remove(folder)


@pytest.fixture
def browse(pages_server):
    """Opens a browser on the demo; it is closed when the test ends."""
    yield from browsers(pages_server)


@pytest.fixture(scope="module")
def trade(make_folder):
    """A demo of a file's own, whose clock its tests move on."""
    folder = make_folder()
    with serving(folder) as server:
        yield Trade(server, folder, SELLER, BUYER)


@pytest.fixture
def visit(trade):
    """Opens a browser on that demo; it is closed when the test ends."""
    yield from browsers(trade.server)


def browsers(server):
    """What opens browsers on a server, which are closed afterwards."""
    open_browsers = []

    def make(*arguments, **settings):
        browser = Browser(server.address, *arguments, **settings)
        open_browsers.append(browser)
        return browser

    yield make
    for browser in open_browsers:
        browser.close()
