/** One message as it stands in the conversation: its words or card, its picture, links, choices and thumbs. */
import { cardFor, picture } from "./cards.js";
import { el, formatted, icon, safeHref } from "./dom.js";

const THUMB = "M7 22H4a2 2 0 0 1-2-2v-8a2 2 0 0 1 2-2h3zM9 10l4-8a3 3 0 0 1 3 3v4h4.5a2 2 0 0 1 2 2.3l-1.4 8a2 2 0 0 1-2 1.7H9z";
const LONG_ENOUGH = 60; // characters: what is shorter is hardly an answer

/**
 * @typedef {object} Around
 * @property {import("./strings.js").Words} t
 * @property {string} desk
 * @property {boolean} answers whether the patient has said something before
 * @property {(body: Record<string, any>, shown: string) => void} send
 * @property {(seq: number, helpful: boolean | null) => Promise<boolean>} feedback
 */

/** @param {any} message @param {Around} around */
export function messageItem(message, around) {
  const { t, desk } = around;
  const card = cardFor(message, t, desk);
  const who = { patient: t("you"), assistant: t("assistant"), staff: t("staff"), system: "" }[/** @type {"patient"} */ (message.author)] ?? "";
  const item = el("div", { class: `message ${message.author}${card ? " wide" : ""}` }, el("span", { class: "quiet" }, who));
  item.append(card ?? el("div", { class: "bubble", dir: "auto" }, formatted(message.text ?? "")));
  const image = !card && message.image && picture(message.image, desk);
  if (image) {
    image.classList.add("picture");
    item.append(image);
  }
  for (const link of message.links ?? []) {
    const href = safeHref(link.href, desk);
    if (href) item.append(el("a", { class: "chip link", href, target: "_blank", rel: "noopener noreferrer" }, link.title));
  }
  const offered = message.choices?.filter((/** @type {any} */ choice) => !isOpening(message, choice.title));
  if (offered?.length) item.append(choices(offered, around.send));
  if (around.answers && isAnswer(message)) item.append(thumbs(message, around));
  return item;
}

/** Times that the calendar shows need no button of their own. @param {any} message @param {string} title */
function isOpening(message, title) {
  return message.card?.openings?.length && message.ask?.options?.some((/** @type {any} */ option) => option.title === title);
}

/** @param {{id: string, title: string}[]} offered @param {Around["send"]} send */
function choices(offered, send) {
  return el("div", { class: "choices" },
    ...offered.map(({ id, title }) => el("button", { type: "button", class: "chip", onclick: () => send({ choice: id }, title) }, title)));
}

/** @param {any} message */
function isAnswer({ author, text, ask, safety, card }) {
  if (author !== "assistant" || ask || safety) return false;
  return card ? ["stretch", "explanation", "result"].includes(card.kind) : (text ?? "").length > LONG_ENOUGH;
}

/** @param {any} message @param {Around} around */
function thumbs(message, { t, feedback }) {
  /** @type {boolean | null} */
  let helpful = message.helpful ?? null;
  const said = el("span", { role: "status" });
  /** @param {boolean} value @param {"helped" | "notHelped"} label */
  const thumb = (value, label) =>
    el("button", { type: "button", class: value ? "thumb" : "thumb down", "aria-label": t(label), title: t(label), onclick: () => void press(value) }, icon(THUMB));
  const buttons = new Map([[true, thumb(true, "helped")], [false, thumb(false, "notHelped")]]);
  const paint = () => {
    for (const [value, button] of buttons) button.setAttribute("aria-pressed", String(helpful === value));
  };
  /** @param {boolean} value */
  const press = async (value) => {
    const before = helpful;
    helpful = helpful === value ? null : value;
    paint();
    const isKept = await feedback(message.seq, helpful);
    if (!isKept) helpful = before;
    else message.helpful = helpful;
    said.textContent = isKept ? (helpful === null ? "" : t("thanks")) : t("notKept");
    paint();
  };
  paint();
  return el("div", { class: "thumbs" }, ...buttons.values(), said);
}
