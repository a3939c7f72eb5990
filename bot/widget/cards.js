/** Cards: emergency, watch, result, stretch with its timer, explanation, appointment. */
import { callLink, el, formatted, later, pictureAddress, safeHref } from "./dom.js";

/** @typedef {import("./strings.js").Words} Words */

/**
 * The card of a message, or null when its text is enough.
 * @param {any} message @param {Words} t @param {string} desk
 * @returns {HTMLElement | null}
 */
export function cardFor(message, t, desk) {
  const { card } = message;
  if (message.safety) return emergency(message, t);
  switch (card?.kind) {
    case "watch":
      return el("section", { class: "card watch" }, formatted(message.text ?? ""));
    case "result":
      return el("section", { class: "card result" }, formatted(message.text ?? ""));
    case "stretch":
      return stretch(message, t, desk);
    case "explanation":
      return explanation(message, t, desk);
    case "booking":
      return card.reference ? appointment(message, t) : null;
    default:
      return null;
  }
}

/** Cannot be missed: the number first, what to say, what to do meanwhile. @param {any} message @param {Words} t */
function emergency(message, t) {
  const card = message.card ?? {};
  const call = card.call ?? message.safety.call ?? {};
  const second = card.emergency && card.emergency.number !== call.number ? card.emergency : null;
  return el(
    "section",
    { class: "card emergency", role: "alert", tabindex: "-1" },
    card.title && el("h3", {}, card.title),
    call.number && callLink(call.number, t("call", { number: call.number })),
    el("p", {}, formatted(card.first ?? message.text ?? "")),
    card.say && el("p", {}, formatted(card.say)),
    second && callLink(second.number, t("call", { number: second.number }), "call second"),
    card.meanwhile?.length && el("h4", {}, t("meanwhile")),
    card.meanwhile?.length && list("ul", card.meanwhile),
  );
}

/** @param {"ul" | "ol"} tag @param {string[]} lines */
function list(tag, lines) {
  return el(tag, {}, ...lines.map((line) => el("li", {}, formatted(line))));
}

/**
 * A picture of the desk; `part` names what of it stands out.
 * @param {any} image @param {string} desk @param {string} [part]
 */
export function picture(image, desk, part) {
  const source = image && pictureAddress(image.src, desk);
  if (!source) return null;
  const src = part && /^[\w-]+$/.test(part) ? `${source}#${part}` : source;
  const img = el("img", { src, alt: image.alt ?? "", loading: "lazy", onerror: () => img.remove() });
  return img;
}

/** @param {any} message @param {Words} t @param {string} desk */
function stretch(message, t, desk) {
  const { card } = message;
  return el(
    "section",
    { class: "card" },
    el("h3", {}, card.name),
    el("p", {}, card.lengthens),
    picture(message.image, desk),
    el("h4", {}, t("steps")),
    list("ol", card.steps ?? []),
    card.cautions?.length && el("h4", {}, t("cautions")),
    card.cautions?.length && list("ul", card.cautions),
    el("p", {}, el("strong", {}, `${t("today")}: `), card.dose),
    card.timed && later(import("./timer.js").then(({ holdTimer }) => holdTimer(card, t))),
    el("p", { class: "stop" }, el("strong", {}, `${t("stop")}: `), [...(card.stop_signs ?? []), ...(card.stop_at_once ?? [])].join("; ")),
    card.timed &&
      el("details", {}, el("summary", {}, t("ladder")), list("ol", (card.ladder ?? []).map((/** @type {any} */ rung) => rung.dose))),
  );
}

/** @param {any} message @param {Words} t @param {string} desk */
function explanation(message, t, desk) {
  const { card } = message;
  return el(
    "section",
    { class: "card explained" },
    el("p", { class: "steps" }, t("of", { n: card.number, all: card.of })),
    el("h3", {}, card.title),
    picture(message.image, desk, card.muscle),
    el("p", {}, card.text),
    card.small_step && el("p", { class: "tip" }, el("strong", {}, `${t("smallStep")}: `), card.small_step),
  );
}

/** @param {any} message @param {Words} t */
function appointment(message, t) {
  const { card } = message;
  const manage = safeHref(card.manage ?? "") ?? (/^http:\/\/(localhost|127\.0\.0\.1)/.test(card.manage ?? "") ? card.manage : null);
  return el(
    "section",
    { class: "card result" },
    el("h3", {}, card.service),
    el("p", {}, card.when),
    el("p", {}, card.where),
    manage && el("p", {}, el("a", { href: manage, target: "_blank", rel: "noopener" }, t("manage"))),
    manage && el("p", {}, el("a", { href: `${manage}/calendar.ics` }, t("calendar"))),
  );
}
