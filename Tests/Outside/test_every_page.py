"""Every page that there is, in the full demo: seen by axe, small, and no wider than the screen."""

import json

import pytest
from living_demo import Demo
from pages import look, needs_a_browser
from running import serving
from screenshots import walk

pytestmark = needs_a_browser


@pytest.fixture(scope="module")
def demo(make_folder):
    folder = make_folder()
    with serving(folder, timeout=240, AIKATORI_DEMO="full") as server:
        yield Demo(server, folder)


@pytest.mark.parametrize(("language", "width"), [("fi", 320), ("sv", 1280)])
def test_every_page(demo, language, width):
    wrong = {}

    def see(browser, name):
        try:
            look(browser, f"{name}-{language}-{width}")
        except AssertionError as found:
            wrong[name] = str(found)

    assert walk(demo, language, width, see) == {}, "these pages were not seen"
    assert wrong == {}, json.dumps(wrong, indent=1, ensure_ascii=False)
