/** Building elements without ever parsing HTML, so that no text can become markup. */

/** @typedef {Node | string | null | undefined | false} Child */

/**
 * @param {string} tag
 * @param {Record<string, any>} [attributes] `on…` keys are listeners, `class` and the rest are attributes
 * @param {...Child} children
 * @returns {HTMLElement}
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "part") element.part.add(value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children) if (child) element.append(child);
  return element;
}

const SAFE = /^(?:https:|tel:|mailto:)/i;
const LINK = /(https:\/\/[^\s<>"')]+)|\*\*([^*\n]+)\*\*/g;

/** An address that may be followed, or null. @param {string} href @param {string} [base] */
export function safeHref(href, base) {
  try {
    const url = new URL(href, base);
    return SAFE.test(url.protocol) || (base && url.origin === new URL(base).origin) ? url.href : null;
  } catch {
    return null;
  }
}

/** The address of a picture, which only the desk may give, or null. @param {string} src @param {string} desk */
export function pictureAddress(src, desk) {
  try {
    const url = new URL(src, desk);
    return url.origin === new URL(desk).origin && /^https?:$/.test(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

/** Text with line breaks, bold and https links; everything else stays text. @param {string} text */
export function formatted(text) {
  const fragment = document.createDocumentFragment();
  for (const [number, line] of text.split("\n").entries()) {
    if (number) fragment.append(document.createElement("br"));
    let done = 0;
    for (const match of line.matchAll(LINK)) {
      fragment.append(line.slice(done, match.index));
      done = match.index + match[0].length;
      if (match[2]) fragment.append(el("strong", {}, match[2]));
      else fragment.append(el("a", { href: match[1], target: "_blank", rel: "noopener noreferrer" }, match[1]));
    }
    fragment.append(line.slice(done));
  }
  return fragment;
}

/**
 * A place for what is loaded when it is first needed; where it cannot be loaded, `instead` stands there.
 * @param {Promise<Node>} coming @param {Node} [instead]
 */
export function later(coming, instead) {
  const place = el("div");
  void coming.then((element) => place.replaceWith(element), () => place.replaceWith(...(instead ? [instead] : [])));
  return place;
}

/** A link that dials. @param {string} number @param {string} label @param {string} [className] */
export function callLink(number, label, className = "call") {
  return el("a", { class: className, href: `tel:${number.replace(/[^\d+]/g, "")}` }, label);
}

/** A filled drawing of 24 by 24, the size of the text beside it. @param {string} path */
export function icon(path) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const shape = document.createElementNS(space, "path");
  shape.setAttribute("d", path);
  svg.append(shape);
  return svg;
}
