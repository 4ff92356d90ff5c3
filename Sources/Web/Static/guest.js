// The pages of a guest of a visit: the one that waits hears when it is let in, and the one in the
// room says that it lives. The pages work without this as far as a page without a call can.
"use strict";

(() => {
  const reload = () => location.reload();

  // Waiting: the page is asked for anew when something changes, and shows what it is then.
  const wait = document.getElementById("guest-wait");
  let patience = 2000;
  function follow() {
    const news = new EventSource(wait.dataset.news);
    news.onmessage = ({ data }) => {
      patience = 2000;
      if (data === "waiting") return;
      news.close();
      reload();
    };
    // a browser comes again by itself when its line breaks, but not when a server says no
    news.onerror = () => {
      if (news.readyState !== EventSource.CLOSED) return;
      setTimeout(follow, patience);
      patience = Math.min(2 * patience, 30000);
    };
    addEventListener("pagehide", () => news.close());
  }
  if (wait) follow();

  // In the room: a sign of life, and who else is there.
  const here = document.getElementById("guest-here");
  async function say() {
    try {
      const answer = await fetch(here.action, {
        method: "POST", body: new URLSearchParams(new FormData(here)),
      });
      if (answer.status === 409) return reload();
      if (answer.ok) await refreshPeople();
    } catch {
      // the line is down; the next one may get through
    }
  }
  async function refreshPeople() {
    const answer = await fetch(location.href);
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("guest-people");
    const people = document.getElementById("guest-people");
    if (fresh && people && fresh.textContent !== people.textContent) people.replaceWith(fresh);
  }
  if (here) setInterval(say, 20000);
})();
