// Keeps the banner of the alerts up to date on every page. Without it the banner is as old as the page.

const place = document.querySelector("[data-alerts]");
/** @type {EventSource | undefined} */
let source;

/** @param {HTMLElement} banner */
async function renew(banner) {
  const answer = await fetch(`${banner.dataset.alerts}/banner`, { headers: { "X-Live": "1" } });
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (page.body.textContent !== banner.textContent) banner.replaceChildren(...page.body.childNodes);
}

/** A hidden page gives its stream back: browsers open only a few at a time. */
function follow() {
  if (!(place instanceof HTMLElement)) return;
  if (document.hidden) {
    source?.close();
    source = undefined;
  } else if (!source) {
    source = new EventSource(`${place.dataset.alerts}/events`);
    for (const kind of ["open", "changed"]) source.addEventListener(kind, () => renew(place).catch(() => undefined));
  }
}

document.addEventListener("visibilitychange", follow);
addEventListener("pagehide", () => source?.close());
follow();
