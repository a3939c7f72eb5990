/** Keys: arrows within a group that is one stop of the Tab key, and Tab kept inside a chat that fills the screen. */

const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/**
 * One stop for Tab; the arrows, Home and End go on from there. In right-to-left text, left is forward.
 * @param {HTMLElement[]} items @param {(item: HTMLElement) => void} [reached]
 */
export function arrows(items, reached) {
  /** @param {HTMLElement} current */
  const stop = (current) => {
    for (const item of items) item.tabIndex = item === current ? 0 : -1;
  };
  for (const [index, item] of items.entries()) {
    item.addEventListener("focus", () => stop(item));
    item.addEventListener("keydown", (event) => {
      const mirrored = event.key.endsWith("t") && getComputedStyle(item).direction === "rtl";
      const step = STEPS[/** @type {keyof typeof STEPS} */ (event.key)] * (mirrored ? -1 : 1);
      const end = { Home: 0, End: items.length - 1 }[event.key];
      const next = items[end ?? (index + step + items.length) % items.length];
      if (!next) return;
      event.preventDefault();
      next.focus();
      reached?.(next);
    });
  }
  if (items[0]) stop(items[0]);
}

const STOPS = "a[href],button,textarea,input,summary,[tabindex]";

/** Keep Tab inside. @param {HTMLElement} area @param {KeyboardEvent} event */
export function keepTabIn(area, event) {
  const stops = [.../** @type {NodeListOf<HTMLElement>} */ (area.querySelectorAll(STOPS))];
  const open = stops.filter((stop) => stop.tabIndex >= 0 && stop.checkVisibility());
  const here = /** @type {ShadowRoot} */ (area.getRootNode()).activeElement;
  const [from, to] = event.shiftKey ? [open[0], open.at(-1)] : [open.at(-1), open[0]];
  if (here !== from) return;
  event.preventDefault();
  to?.focus();
}
