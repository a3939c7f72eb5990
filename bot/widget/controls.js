/** What answers a question: scale, number, checklist, single choice, yes or no, body map, times. */
import { el, later } from "./dom.js";
import { arrows } from "./keys.js";

const NONE = "none_of_these";
const UNSURE = "not_sure";

/** @typedef {{questions: string[], kind: string, min?: number, max?: number, unit?: string, options?: {id: string, title: string}[]}} Ask */
/** @typedef {(body: Record<string, any>, shown: string) => void} Answer */

/**
 * @param {any} message the newest message that asks
 * @param {import("./strings.js").Words} t
 * @param {Answer} answer
 * @returns {HTMLElement | null}
 */
export function controlFor(message, t, answer) {
  /** @type {Ask} */
  const ask = message.ask;
  const options = ask.options ?? [];
  const label = message.text ?? "";
  if (ask.kind === "scale") return withTicks(ask, t, answer, label, scale(ask, t));
  if (ask.kind === "number") return withTicks(ask, t, answer, label, stepper(ask, t, label));
  if (ask.kind === "choices") return checklist(options, t, answer, label);
  if (ask.kind === "body_map") return checklist(options, t, answer, label, true);
  if (ask.kind === "time" && message.card?.openings?.length) {
    const picker = import("./times.js").then(({ timePicker }) => timePicker(message, t, answer));
    return later(picker, chips(options.map(({ id, title }) => ({ value: id, title })), answer, label));
  }
  if (message.choices?.length) return null; // the message's own buttons are the answer
  if (ask.kind === "yes_no") return chips(yesNo(options, t), answer, label);
  if (options.length) return chips(options.map(({ id, title }) => ({ value: id, title })), answer, label);
  return null;
}

/** @param {{id: string, title: string}[]} options @param {import("./strings.js").Words} t */
function yesNo(options, t) {
  const title = (/** @type {string} */ id, /** @type {string} */ fallback) => options.find((o) => o.id === id)?.title ?? fallback;
  const answers = [
    { value: /** @type {any} */ (true), title: title("yes", t("yes")) },
    { value: false, title: title("no", t("no")) },
  ];
  const unsure = options.find((o) => o.id === UNSURE);
  return unsure ? [...answers, { value: UNSURE, title: unsure.title }] : answers;
}

/** @param {{value: any, title: string}[]} answers @param {Answer} answer @param {string} label */
function chips(answers, answer, label) {
  return el(
    "div",
    { class: "choices", role: "group", "aria-label": label },
    ...answers.map(({ value, title }) =>
      el("button", { type: "button", class: "chip", onclick: () => answer({ value }, title) }, title),
    ),
  );
}

/** A list to tick; "none of these" and "not sure" stand alone. @param {{id: string, title: string}[]} options */
function ticks(options) {
  /** @type {Set<string>} */
  const ticked = new Set();
  const buttons = new Map();
  const paint = () => {
    for (const [id, button] of buttons) button.setAttribute("aria-checked", String(ticked.has(id)));
  };
  /** @param {string} id */
  const toggle = (id) => {
    const alone = id === NONE || id === UNSURE;
    if (ticked.has(id)) ticked.delete(id);
    else {
      if (alone) ticked.clear();
      else for (const other of [NONE, UNSURE]) ticked.delete(other);
      ticked.add(id);
    }
    paint();
  };
  for (const { id, title } of options) {
    const button = el("button", { type: "button", class: "option", role: "checkbox", onclick: () => toggle(id) }, title);
    buttons.set(id, button);
  }
  paint();
  const shown = () => options.filter(({ id }) => ticked.has(id)).map(({ title }) => title).join(", ");
  return { ticked, toggle, buttons: [...buttons.values()], shown };
}

/**
 * @param {{id: string, title: string}[]} options
 * @param {import("./strings.js").Words} t
 * @param {Answer} answer
 * @param {string} label
 * @param {boolean} [isOnBody] whether there is a body to tap on
 */
function checklist(options, t, answer, label, isOnBody = false) {
  const list = ticks(options);
  const drawn = async () => {
    const map = (await import("./body.js")).bodyMap(options, t);
    map.connect(list.toggle, list.ticked);
    box.addEventListener("click", map.paint);
    return map.element;
  };
  const send = () => {
    if (list.ticked.size) answer({ value: [...list.ticked] }, list.shown());
  };
  const box = el("div", { class: "ask", role: "group", "aria-label": label });
  box.append(...(isOnBody ? [later(drawn())] : []), ...list.buttons, el("button", { type: "button", class: "go", onclick: send }, t("confirm")));
  return box;
}

/**
 * A number, with ticks beside it where the card has them; one Send gives both.
 * @param {Ask} ask @param {import("./strings.js").Words} t @param {Answer} answer @param {string} label
 * @param {{element: HTMLElement, value: () => number | null}} number
 */
function withTicks(ask, t, answer, label, number) {
  const list = ticks(ask.options ?? []);
  const send = () => {
    const value = number.value();
    if (value === null) return;
    const said = ask.unit ? `${value} ${ask.unit}` : String(value);
    if (list.ticked.size) answer({ value: [value, ...list.ticked] }, `${said}, ${list.shown()}`);
    else answer({ value }, said);
  };
  return el(
    "div",
    { class: "ask", role: "group", "aria-label": label },
    number.element,
    ...list.buttons,
    el("button", { type: "button", class: "go", onclick: send }, t("confirm")),
  );
}

/** @param {Ask} ask @param {import("./strings.js").Words} t */
function scale(ask, t) {
  /** @type {number | null} */
  let chosen = null;
  /** @type {HTMLElement[]} */
  const buttons = [];
  for (let number = ask.min ?? 0; number <= (ask.max ?? 10); number++) {
    buttons.push(
      el("button", { type: "button", role: "radio", "aria-checked": "false", onclick: () => choose(number) }, String(number)),
    );
  }
  /** @param {number} number */
  const choose = (number) => {
    chosen = number;
    for (const button of buttons) button.setAttribute("aria-checked", String(button.textContent === String(number)));
  };
  arrows(buttons, (button) => choose(Number(button.textContent)));
  const element = el(
    "div",
    {},
    el("div", { class: "scale", role: "radiogroup", "aria-label": `${ask.min ?? 0} ${t("scaleLow")}, ${ask.max ?? 10} ${t("scaleHigh")}` }, ...buttons),
    el("div", { class: "ends", "aria-hidden": "true" }, el("span", {}, t("scaleLow")), el("span", {}, t("scaleHigh"))),
  );
  return { element, value: () => chosen };
}

/** @param {Ask} ask @param {import("./strings.js").Words} t @param {string} label */
function stepper(ask, t, label) {
  const input = /** @type {HTMLInputElement} */ (
    el("input", { type: "number", inputmode: "numeric", min: ask.min, max: ask.max, "aria-label": [label, ask.unit].filter(Boolean).join(", ") })
  );
  /** @param {number} by */
  const step = (by) => {
    const next = Number(input.value || (ask.min ?? 0)) + by;
    input.value = String(Math.min(Math.max(next, ask.min ?? next), ask.max ?? next));
  };
  const element = el(
    "div",
    { class: "stepper" },
    el("button", { type: "button", "aria-label": t("less"), onclick: () => step(-1) }, "−"),
    input,
    el("button", { type: "button", "aria-label": t("more"), onclick: () => step(1) }, "+"),
    ask.unit ?? "",
  );
  const value = () => {
    if (input.value === "" || !input.reportValidity()) {
      input.focus();
      return null;
    }
    return Number(input.value);
  };
  return { element, value };
}
