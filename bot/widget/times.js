/** The times one can book: a day, then an hour of it; the words below the card do the same. */
import { el } from "./dom.js";
import { arrows } from "./keys.js";

/** @typedef {{id: string, start: string, end: string, with?: string}} Opening */

/** The clinic's own hour stands in the text: it is shown as it was sent, not moved to the reader's zone. @param {string} at */
const clinicTime = (at) => new Date(`${at.slice(0, 19)}Z`);

/**
 * @param {any} message its card has the openings
 * @param {import("./strings.js").Words} t
 * @param {(body: Record<string, any>, shown: string) => void} answer
 */
export function timePicker(message, t, answer) {
  const language = t("code");
  const day = new Intl.DateTimeFormat(language, { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" });
  const hour = new Intl.DateTimeFormat(language, { hour: "numeric", minute: "2-digit", timeZone: "UTC" });
  /** @type {Opening[]} */
  const openings = message.card.openings;
  const titles = new Map((message.ask.options ?? []).map((/** @type {any} */ { id, title }) => [id, title]));
  /** @type {Map<string, Opening[]>} */
  const days = new Map();
  for (const opening of openings) {
    const key = opening.start.slice(0, 10);
    days.set(key, [...(days.get(key) ?? []), opening]);
  }
  const hours = el("div", { class: "hours", role: "group", "aria-live": "polite" });
  /** @param {HTMLElement} tab @param {Opening[]} times */
  const show = (tab, times) => {
    for (const other of tabs) other.setAttribute("aria-pressed", String(other === tab));
    hours.setAttribute("aria-label", tab.textContent ?? "");
    hours.replaceChildren(
      ...times.map(({ id, start }) => {
        const said = titles.get(id) ?? `${tab.textContent}, ${hour.format(clinicTime(start))}`;
        const label = hour.format(clinicTime(start));
        return el("button", { type: "button", class: "chip", "aria-label": said, onclick: () => answer({ value: id }, said) }, label);
      }),
    );
    arrows(/** @type {HTMLElement[]} */ ([...hours.children]));
  };
  const tabs = [...days.values()].map((times) => {
    const tab = el("button", { type: "button", class: "day", "aria-pressed": "false", onclick: () => show(tab, times) }, day.format(clinicTime(times[0].start)));
    return tab;
  });
  arrows(tabs, (tab) => tab.click());
  const [first] = days.values();
  show(tabs[0], first);
  const who = [...new Set(openings.map((opening) => opening.with).filter(Boolean))].join(", ");
  return el("div", { class: "ask", role: "group", "aria-label": message.text ?? t("times") },
    who && el("p", { class: "ends" }, who),
    el("div", { class: "days", role: "group", "aria-label": t("days") }, ...tabs), hours);
}
