"""A specialist's own day, all days, and the page that says who is which specialist."""

import pytest
from pages import LANGUAGES, SELLER, look, needs_a_browser

pytestmark = needs_a_browser

OWN = "Psychiatrist 1"


def specialists(browser):
    """Whose visits the page of the day shows first."""
    first = browser.all("#live-day > ul:first-child .visit .what .hint")
    return {each.text.split(",")[0] for each in first}


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_day_opens_on_the_own_visits(browse, language, width):
    browser = browse(language, width).sign_in(SELLER, "specialist").open("/day")
    assert browser.find("#specialist option:checked").text == OWN
    assert specialists(browser) <= {OWN}
    # what the organisation buys is under a heading of its own
    assert browser.all("#live-day h2 + ul .visit"), "the demo's hospital buys visits today"
    look(browser, f"own-day-{language}-{width}")
    browser.go(".tabs li:last-child a")
    assert len(specialists(browser)) > 1, "the demo's specialists have visits today"
    look(browser, f"own-day-all-{language}-{width}")
    browser.go(".weeks li:last-child a")
    assert browser.all(".tabs li:last-child a[aria-current]"), "the next day is still everybody's"


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_administrator_says_who_is_which_specialist(visit, language, width):
    admin = visit(language, width).sign_in(SELLER, "admin").open("/settings/members")
    look(admin, f"members-{language}-{width}")
    row = [each for each in admin.all("main tbody tr") if OWN in each.text
           or "specialist@" in each.text][0]
    page = row.find_element("css selector", "a").get_attribute("href")
    admin.open(page.removeprefix(admin.address))
    look(admin, f"member-{language}-{width}")
    second = admin.all("#specialist option")[2]
    label, value = second.text, second.get_attribute("value")
    admin.choose("#specialist", value).go("main form button")
    assert admin.all(".notice"), "it says that it is saved"
    assert label in admin.find("main tbody").text
    specialist = visit(language, width).sign_in(SELLER, "specialist").open("/day")
    assert specialist.find("#specialist option:checked").text == label


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_administrator_changes_a_member(visit, language):
    admin = visit(language, 320).sign_in(SELLER, "admin").open("/settings/members")
    row = [each for each in admin.all("main tbody tr") if "auditor" in each.text.lower()
           and "finance" not in each.text.lower()][0]
    page = row.find_element("css selector", "a").get_attribute("href")
    page = page.removeprefix(admin.address)
    admin.open(page).type("#name", f"Controller {language}")
    assert not admin.find("#roles").is_selected()
    # nobody is without a role, and what was typed is still there
    for box in admin.all("[name=roles]:checked"):
        box.click()
    admin.go("main form button")
    assert admin.all("a[href='#roles']") and admin.all("#roles-error")
    assert admin.find("#name").get_attribute("value") == f"Controller {language}"
    look(admin, f"member-wrong-{language}-320")
    admin.click("#roles-auditor").click("#roles-signatory").go("main form button")
    assert admin.all(".notice"), "it says that it is saved"
    assert f"Controller {language}" in admin.find("main tbody").text
    admin.open(page).click("#roles-signatory").go("main form button")
    assert admin.all(".notice")
