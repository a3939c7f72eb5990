/** The body map: tap where it hurts. The checklist below it does the same for keyboard and screen reader. */
import { el } from "./dom.js";

const SPACE = "http://www.w3.org/2000/svg";
const OUTLINE = "M60 8a15 15 0 1 1-.1 0M45 42q15-6 30 0l14 8 10 54-10 3-11-42-2 44 4 54-5 62h-11l-4-70-4 70h-11l-5-62 4-54-2-44-11 42-10-3 10-54z";
/** Where each place lies on the figure of 120 by 240: view, and rectangles [x, y, width, height]. */
const PLACES = {
  neck: ["back", [[51, 33, 18, 10]]],
  mid_back: ["back", [[44, 45, 32, 34]]],
  low_back: ["back", [[44, 81, 32, 22]]],
  buttock: ["back", [[42, 105, 36, 20]]],
  hip_front: ["front", [[42, 92, 13, 18], [65, 92, 13, 18]]],
  groin: ["front", [[55, 108, 10, 14]]],
  thigh: ["front", [[42, 126, 15, 40], [63, 126, 15, 40]]],
  leg: ["front", [[44, 172, 12, 52], [64, 172, 12, 52]]],
};

/** @param {string} name @param {Record<string, any>} attributes */
function shape(name, attributes) {
  const element = document.createElementNS(SPACE, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}

/** @param {{id: string, title: string}[]} options @param {import("./strings.js").Words} t */
export function bodyMap(options, t) {
  const known = new Map(options.map(({ id, title }) => [id, title]));
  /** @type {Map<string, Element[]>} */
  const regions = new Map();
  /** @type {(id: string) => void} */
  let toggle = () => undefined;
  /** @type {Set<string>} */
  let ticked = new Set();
  const paint = () => {
    for (const [id, parts] of regions) for (const part of parts) part.classList.toggle("on", ticked.has(id));
  };
  /** @param {"front" | "back"} view @param {string} caption */
  const figure = (view, caption) => {
    const svg = shape("svg", { viewBox: "0 0 120 240", "aria-hidden": "true" });
    svg.append(shape("path", { d: OUTLINE, class: "shape" }));
    for (const [id, [side, rectangles]] of /** @type {[string, any][]} */ (Object.entries(PLACES))) {
      if (side !== view || !known.has(id)) continue;
      const parts = rectangles.map((/** @type {number[]} */ [x, y, width, height]) => {
        const part = shape("rect", { x, y, width, height, rx: 6, class: "region" });
        const title = shape("title", {});
        title.textContent = known.get(id) ?? "";
        part.append(title);
        part.addEventListener("click", () => {
          toggle(id);
          paint();
        });
        return part;
      });
      svg.append(...parts);
      regions.set(id, parts);
    }
    return el("figure", {}, svg, el("figcaption", {}, caption));
  };
  const element = el("div", { class: "body" }, figure("front", t("bodyFront")), figure("back", t("bodyBack")));
  return {
    element,
    paint,
    /** @param {(id: string) => void} given @param {Set<string>} set */
    connect(given, set) {
      toggle = given;
      ticked = set;
      paint();
    },
  };
}
