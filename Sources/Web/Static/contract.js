// Computes a contract anew while it is written: sends its form as a button would, and takes from
// the page that comes back the parts beside the fields. Without this a button does the same.
"use strict";

(() => {
  const form = document.querySelector("form[data-contract]");
  const said = document.getElementById("contract-said");
  let isAsking = false;
  let isWantedAgain = false;
  let timer = null;

  function replaceParts(html) {
    const page = new DOMParser().parseFromString(html, "text/html");
    for (const part of document.querySelectorAll("[data-fresh-part]")) {
      const fresh = page.getElementById(part.id);
      if (!fresh || part.contains(document.activeElement)) continue;
      for (const details of part.querySelectorAll("details[open]")) {
        fresh.querySelector("#" + details.id)?.setAttribute("open", "");
      }
      part.replaceWith(fresh);
    }
    const state = document.getElementById("contract-state")?.textContent ?? "";
    if (said.textContent !== state) said.textContent = state;
  }

  async function ask() {
    const sent = new FormData(form);
    sent.delete("file");
    sent.set("do", "beside");
    try {
      const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(sent) });
      if (answer.ok || answer.status === 422) replaceParts(await answer.text());
    } catch {
      // The line is down; the next change asks again.
    }
  }

  // One question at a time.
  async function refresh() {
    isWantedAgain = true;
    if (isAsking) return;
    isAsking = true;
    while (isWantedAgain) {
      isWantedAgain = false;
      await ask();
    }
    isAsking = false;
  }

  // After Back the browser fills in what was typed; the parts beside are those of the page as it
  // came.
  window.addEventListener("pageshow", (event) => {
    const [visit] = performance.getEntriesByType("navigation");
    if (event.persisted || visit?.type === "back_forward") refresh();
  });

  form.addEventListener("input", (event) => {
    if (event.target.id === "file") return;
    clearTimeout(timer);
    timer = setTimeout(refresh, 400);
  });
})();
