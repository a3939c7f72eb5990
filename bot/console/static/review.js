// Keeps what is shown up to date, and lets people work by keyboard. Every page works without it.

/** Put the newest state in place; the focus and what is being written stay where they are. @param {HTMLElement} live */
async function refresh(live) {
  const answer = await fetch(live.dataset.source ?? "", { headers: { "X-Live": "1" } });
  if (answer.redirected || !answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const before = Number(live.querySelector("[data-count]")?.getAttribute("data-count") ?? 0);
  const focused = live.contains(document.activeElement) ? document.activeElement : null;
  const place = focused?.getAttribute("href") ?? focused?.id;
  live.replaceChildren(...page.body.childNodes);
  if (place) {
    const again = [...live.querySelectorAll("a, button, [data-line]")].find((line) => (line.getAttribute("href") ?? line.id) === place);
    if (again instanceof HTMLElement) again.focus({ preventScroll: true });
  }
  const now = Number(live.querySelector("[data-count]")?.getAttribute("data-count") ?? 0);
  if (now > before) announce("A new emergency is in the queue.");
}

/** @param {string} words */
function announce(words) {
  const place = document.querySelector("[data-announce]");
  if (place) place.textContent = words;
}

/** Ask again after each change, but never twice at once. @param {HTMLElement} live */
function follow(live) {
  let busy = false;
  let again = false;
  const run = async () => {
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    do {
      again = false;
      await refresh(live).catch(() => undefined);
    } while (again);
    busy = false;
  };
  const source = new EventSource(live.dataset.live ?? "");
  source.addEventListener("changed", run);
  // Something may have changed before the stream was there, at the first time as at any other.
  source.addEventListener("open", () => {
    live.dataset.following = "yes";
    run();
  });
  addEventListener("pagehide", () => source.close());
}

/** @param {number} step */
function move(step) {
  const lines = [...document.querySelectorAll("[data-line]")].filter((line) => line instanceof HTMLElement);
  const at = lines.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const next = lines[at < 0 ? (step > 0 ? 0 : lines.length - 1) : at + step];
  if (next instanceof HTMLElement) next.focus();
}

/** @type {Record<string, () => void>} */
const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  "/": () => focusOn("input[type=search]"),
  r: () => focusOn("[data-draft]"),
  v: () => focusOn("input[name=verdict]"),
  q: () => location.assign(document.querySelector(".brand")?.getAttribute("href") + "queue"),
};

/** @param {string} selector */
function focusOn(selector) {
  const found = document.querySelector(selector);
  if (found instanceof HTMLElement) found.focus();
}

document.addEventListener("keydown", (event) => {
  const target = event.target;
  const writes = target instanceof HTMLElement && target.matches("input:not([type=radio]), textarea, select");
  if (writes || event.ctrlKey || event.altKey || event.metaKey || !(event.key in KEYS)) return;
  event.preventDefault();
  KEYS[event.key]();
});

for (const live of document.querySelectorAll("[data-live]")) if (live instanceof HTMLElement) follow(live);
