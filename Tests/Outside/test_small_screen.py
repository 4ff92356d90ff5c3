"""On a telephone: no word comes apart without a hyphen, and the page begins on the first screen."""

import pytest
from pages import BUYER, LANGUAGES, SELLER, look, needs_a_browser

pytestmark = needs_a_browser

# Words of the page that lie on two lines, and names of cells that are wider than their column.
BROKEN = """
const broken = [];
const walk = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
for (let node = walk.nextNode(); node; node = walk.nextNode()) {
  if (node.parentElement.closest("thead, .unseen, .digest, .said-words, option")) continue;
  for (const word of node.data.matchAll(/[^\\s-]+/g)) {
    // addresses and numbers of documents are no words
    if (/[@\\d]/.test(word[0])) continue;
    const range = document.createRange();
    range.setStart(node, word.index);
    range.setEnd(node, word.index + word[0].length);
    const tops = new Set([...range.getClientRects()].map(each => Math.round(each.top)));
    if (tops.size > 1) broken.push(word[0]);
  }
}
const pen = document.createElement("canvas").getContext("2d");
for (const cell of document.querySelectorAll("td[data-label]")) {
  const name = getComputedStyle(cell, "::before");
  const width = parseFloat(getComputedStyle(cell).gridTemplateColumns);
  pen.font = `${name.fontWeight} ${name.fontSize} ${name.fontFamily}`;
  for (const word of cell.dataset.label.split(/[\\s\\u00ad-]+/))
    if (pen.measureText(word).width > width + 1) broken.push(`${word} (a cell's name)`);
}
return [...new Set(broken)];
"""

PAGES = [
    (SELLER, "finance", ["/", "/statements", "/invoices", "/trial-balance", "/open-amounts"]),
    (SELLER, "specialist", ["/day", "/proposals"]), (SELLER, "scheduler", ["/calendar"]),
    (BUYER, "scheduler", ["/", "/find", "/bookings"]),
    (BUYER, "admin", ["/contracts", "/settings/members", "/sellers"]),
]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_comes_apart(browse, language):
    broken, tops = {}, {}
    for organisation, role, addresses in PAGES:
        browser = browse(language, 320).sign_in(organisation, role)
        for address in addresses:
            browser.open(address)
            broken[address] = browser.driver.execute_script(BROKEN)
            tops[f"{role} {address}"] = browser.find("h1").rect["y"]
            look(browser, f"small-{role}{address.replace('/', '-')}-{language}")
        if role == "finance":
            browser.open("/invoices").go("main tbody a")
            broken["an invoice"] = browser.driver.execute_script(BROKEN)
            look(browser, f"small-invoice-{language}")
    assert {page: words for page, words in broken.items() if words} == {}
    assert max(tops.values()) < 300, tops
