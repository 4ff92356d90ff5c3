"""A real browser over the built program: Debian's Chromium, driven through WebDriver."""

import base64
import re
import shutil
from pathlib import Path

import axe_playwright_python
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()

# In the order in which the sign-in page lists an organisation's members.
ROLES = ["admin", "scheduler", "specialist", "finance", "signatory", "auditor"]


def is_gone(element):
    """Whether the page that an element was on has been left."""
    try:
        element.is_enabled()
    except WebDriverException:
        return True
    return False


class Browser:
    """One browser with one visitor in it."""

    def __init__(self, address, language="en", width=1280, script=True, extra=()):
        options = webdriver.ChromeOptions()
        options.binary_location = CHROMIUM
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu",
                         "--disable-dev-shm-usage", *extra):
            options.add_argument(argument)
        preferences = {"intl.accept_languages": language}
        if not script:
            preferences["profile.managed_default_content_settings.javascript"] = 2
        options.add_experimental_option("prefs", preferences)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service(DRIVER))
        self.address = address
        self.resize(width)

    def resize(self, width, height=900):
        """The page's own width, also below what windows can have."""
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})

    def open(self, path):
        self.driver.get(self.address + path)
        return self

    @property
    def path(self):
        return self.driver.current_url.removeprefix(self.address)

    @property
    def heading(self):
        return self.find("h1").text

    @property
    def text(self):
        return self.find("main").text.replace("\u00a0", " ")

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def click(self, selector):
        self.find(selector).click()
        return self

    def go(self, selector):
        """Clicks what leads to another page, and waits until that is there."""
        return self._leaving(self.find(selector).click)

    def _leaving(self, act):
        page = self.find("html")
        act()
        WebDriverWait(self.driver, 20).until(lambda _: is_gone(page))
        WebDriverWait(self.driver, 20).until(
            lambda driver: driver.execute_script("return document.readyState") == "complete")
        return self

    def wait_for(self, selector):
        """What comes with another page, which may be another server's."""
        return WebDriverWait(self.driver, 20).until(lambda _: self.all(selector))[0]

    def type(self, selector, text):
        field = self.find(selector)
        field.clear()
        field.send_keys(text)
        return self

    def choose(self, selector, value):
        Select(self.find(selector)).select_by_value(value)
        return self

    def press(self, *keys):
        """On whatever has the focus."""
        for key in keys:
            self.driver.switch_to.active_element.send_keys(key)
        return self

    def enter(self):
        """ENTER on what has the focus, when that leads to another page."""
        return self._leaving(lambda: self.press(Keys.ENTER))

    def reach(self, name):
        """Goes on by TAB to what has such a name, as somebody who has no mouse."""
        for _ in range(120):
            self.press(Keys.TAB)
            if re.match(name, self.focused.accessible_name):
                shown = self.focused.value_of_css_property("outline-style")
                assert shown == "solid", f"the focus on {name} is not seen"
                return self
        raise AssertionError(f"{name} is not reached")

    def said_of(self, selector):
        """The text of a part that may be replaced at any moment."""
        return self.driver.execute_script(
            "return document.querySelector(arguments[0])?.textContent ?? ''", selector
        ).replace("\u00a0", " ")

    def mark(self):
        """Leaves something in the page that a reload would take away."""
        self.driver.execute_script("window.mark = 'here'")

    @property
    def is_marked(self):
        return self.driver.execute_script("return window.mark === 'here'")

    @property
    def focused(self):
        return self.driver.switch_to.active_element

    def sign_in(self, organisation, role):
        self.open("/sign-in")
        for section in self.all("section.card"):
            if section.find_element(By.TAG_NAME, "h2").text == organisation:
                button = section.find_elements(By.TAG_NAME, "button")[ROLES.index(role)]
                return self._leaving(button.click)
        raise AssertionError(f"no {organisation} on the page")

    def violations(self):
        """What axe finds on this page, best practices included."""
        self.driver.execute_script(AXE)
        found = self.driver.execute_async_script(
            "const done = arguments[arguments.length - 1];"
            "axe.run().then(found => done(found.violations))")
        return [(each["id"], [node["html"][:150] for node in each["nodes"]]) for each in found]

    def scrolls_sideways(self):
        return self.driver.execute_script(
            "return document.documentElement.scrollWidth > window.innerWidth")

    def weight(self):
        """The bytes that this page and what it needs took; not what its script asked later."""
        return sum(size for size, kind, _ in self.parts() if kind != "fetch")

    def parts(self):
        """The size, kind and address of each part, the heaviest first."""
        return self.driver.execute_script(
            "return performance.getEntriesByType('navigation')"
            ".concat(performance.getEntriesByType('resource'))"
            ".map(entry => [entry.encodedBodySize, entry.initiatorType, entry.name])"
            ".sort((one, other) => other[0] - one[0])")

    def complaints(self):
        """What the browser itself wrote down, such as what the page's policy forbade."""
        return [
            entry["message"] for entry in self.driver.get_log("browser")
            if "Failed to load resource" not in entry["message"]]

    def picture(self, path):
        width, height = self.driver.execute_script(
            "return [window.innerWidth, document.documentElement.scrollHeight]")
        self.resize(width, max(height, 600))
        self.driver.save_screenshot(str(path))
        self.resize(width)

    def print_to(self, path=None):
        """This page on A4 paper, as a PDF; kept where a path is given."""
        printed = self.driver.execute_cdp_cmd("Page.printToPDF", {
            "paperWidth": 8.27, "paperHeight": 11.69, "preferCSSPageSize": True})
        bytes_of_pdf = base64.b64decode(printed["data"])
        if path:
            Path(path).write_bytes(bytes_of_pdf)
        return bytes_of_pdf

    def emulate_print(self):
        """What is shown is what would be printed."""
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
        return self

    def close(self):
        self.driver.quit()
