/** The menu in the panel's head: a button, and a list that the arrows walk and Escape closes. */
import { el } from "./dom.js";
import { arrows } from "./keys.js";

/** @param {string} label @param {[string, () => void][]} entries */
export function menu(label, entries) {
  const items = entries.map(([title, action]) =>
    el("button", { type: "button", onclick: () => { close(); action(); } }, title));
  const list = el("ul", { hidden: true }, ...items.map((item) => el("li", {}, item)));
  const toggle = el("button", { type: "button", class: "icon", "aria-label": label, "aria-expanded": "false", onclick: () => (list.hidden ? open() : close()) }, "⋯");
  arrows(items);
  const open = () => {
    list.hidden = false;
    toggle.setAttribute("aria-expanded", "true");
    items[0].focus();
  };
  const close = () => {
    list.hidden = true;
    toggle.setAttribute("aria-expanded", "false");
    toggle.focus();
  };
  return el("div", {
    class: "menu",
    onkeydown: (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== "Escape" || list.hidden) return;
      event.stopPropagation();
      close();
    },
    onfocusout: (/** @type {FocusEvent} */ event) => {
      const next = /** @type {Node | null} */ (event.relatedTarget);
      if (!next || list.hidden || list.contains(next) || toggle.contains(next)) return;
      list.hidden = true;
      toggle.setAttribute("aria-expanded", "false");
    },
  }, toggle, list);
}
