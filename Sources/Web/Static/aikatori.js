// Keeps the parts of a page that are marked data-live as they are on the server. Every page works
// without this; a part that somebody is working in is left alone until they are done. On most pages
// that is the bell alone, which is then asked for by itself (data-from).
"use strict";

(() => {
  const { dataset } = document.body;
  const status = document.getElementById("live-status");
  let after = dataset.after;
  let stream = null;
  let isAsking = false;
  let isWantedAgain = false;
  let isHeldBack = false;

  function isEdited(field) {
    if (field.matches("[type=checkbox], [type=radio]")) {
      return field.checked !== field.defaultChecked;
    }
    if (field.matches("select")) {
      const chosen = [...field.options].findIndex((option) => option.defaultSelected);
      return field.selectedIndex !== Math.max(chosen, 0);
    }
    return field.value !== field.defaultValue;
  }

  function isInUse(part) {
    const fields = [...part.querySelectorAll("input, select, textarea")];
    return part.contains(document.activeElement) || fields.some(isEdited);
  }

  // Without what differs each time that a page is made (keys, and what forms suggest from the
  // time), and what only its reader did to it.
  function content(part) {
    const copy = part.cloneNode(true);
    delete copy.dataset.fresh;
    for (const field of copy.querySelectorAll("input")) field.removeAttribute("value");
    for (const details of copy.querySelectorAll("details")) details.removeAttribute("open");
    return copy.outerHTML;
  }

  function keepOpen(from, to) {
    const summary = (details) => details.querySelector("summary")?.textContent;
    const open = [...from.querySelectorAll("details[open]")].map(summary);
    for (const details of to.querySelectorAll("details")) {
      if (open.includes(summary(details))) details.open = true;
    }
  }

  function replaceParts(html) {
    const page = new DOMParser().parseFromString(html, "text/html");
    after = page.body.dataset.after ?? after;
    isHeldBack = false;
    let isChanged = false;
    for (const part of document.querySelectorAll("[data-live]")) {
      const fresh = page.getElementById(part.id);
      if (!fresh || content(fresh) === content(part)) continue;
      if (isInUse(part)) {
        isHeldBack = true;
        continue;
      }
      keepOpen(part, fresh);
      fresh.dataset.fresh = "";
      part.replaceWith(fresh);
      isChanged = true;
    }
    if (isHeldBack) status.textContent = dataset.waiting;
    else if (isChanged) status.textContent = dataset.changed;
    else if (status.textContent === dataset.waiting) status.textContent = "";
  }

  const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

  // The page as it is now, or false where it should be asked for again.
  async function ask() {
    try {
      const address = dataset.from || location.href;
      const answer = await fetch(address, { headers: { "Aikatori-Refresh": "live" } });
      if (answer.redirected) stop();
      else if (answer.ok) replaceParts(await answer.text());
      return answer.status !== 429 && answer.status !== 503;
    } catch {
      return false;
    }
  }

  // One question at a time, and a second between two.
  async function refresh() {
    isWantedAgain = true;
    if (isAsking) return;
    isAsking = true;
    while (isWantedAgain) {
      isWantedAgain = false;
      if (await ask()) {
        await pause(1000);
      } else {
        isWantedAgain = true;
        await pause(5000);
      }
    }
    isAsking = false;
  }

  function follow() {
    if (stream || document.visibilityState === "hidden") return;
    stream = new EventSource("/live?after=" + encodeURIComponent(after));
    stream.onmessage = (event) => {
      after = event.data;
      refresh();
    };
    stream.addEventListener("over", stop);
  }

  function stop() {
    stream?.close();
    stream = null;
  }

  // A form that is sent again and again while its page is open, as a sign of life; as often the
  // page looks who else is there. Without script its button does it.
  async function sendAgain() {
    const form = document.querySelector("form[data-every]");
    if (!form) return;
    try {
      const answer = await fetch(form.action, {
        method: "POST", body: new URLSearchParams(new FormData(form)),
      });
      if (answer.status === 503 || answer.status === 429) return;
      if (answer.ok && new URL(answer.url).pathname === location.pathname) refresh();
      else location.reload();
    } catch {
      // The line is down; the next one may get through.
    }
  }
  const repeated = document.querySelector("form[data-every]");
  if (repeated) setInterval(sendAgain, Number(repeated.dataset.every) * 1000);

  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") stop();
    else follow();
  });
  document.addEventListener("focusout", () => {
    if (isHeldBack) setTimeout(refresh);
  });
  addEventListener("pagehide", stop);
  addEventListener("pageshow", follow);
  follow();
})();
