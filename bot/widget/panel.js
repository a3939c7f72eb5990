/** The panel: what was said, what answers it, and where one writes. */
import { controlFor } from "./controls.js";
import { callLink, el, formatted } from "./dom.js";
import { keepTabIn } from "./keys.js";
import { menu } from "./menu.js";
import { messageItem } from "./messages.js";
import { Session } from "./session.js";
import { words } from "./strings.js";
import { panelSheet } from "./styles.js";

const EMERGENCY = "911";
const NEAR_END = 80; // pixels
const FRAMES_TO_SETTLE = 6;
const LANGUAGE = "psoas:language";
const FILLS_SCREEN = "(max-width:520px)"; // as in styles.js

/** @param {ShadowRoot} root @param {string} desk @param {Record<string, string | undefined>} settings @param {any} host */
export function openPanel(root, desk, settings, host) {
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, panelSheet()];
  return new Panel(root, desk, settings, host);
}

class Panel {
  #root;
  #desk;
  #settings;
  #host;
  #t;
  #session;
  #unread = 0;
  #following = true;
  #started = false;
  #offline = false;
  #settling = 0;
  /** @type {any} */
  #asking = null;
  /** @type {{message: any, old: boolean}[]} */
  #messages = [];
  /** What was delivered last, with its mark. @type {HTMLElement} */
  #delivered = el("span", { class: "mark" });
  panel = el("div");
  history = el("div");
  log = el("div");
  outbox = el("div");
  dots = el("div");
  newer = el("button");
  scroll = el("div");
  dock = el("div");
  notice = el("p");
  input = /** @type {HTMLTextAreaElement} */ (el("textarea"));

  /** @param {ShadowRoot} root @param {string} desk @param {Record<string, string | undefined>} settings @param {any} host */
  constructor(root, desk, settings, host) {
    this.#root = root;
    this.#desk = desk;
    this.#settings = settings;
    this.#host = host;
    this.#t = words(recall(LANGUAGE) ?? settings.lang ?? navigator.language);
    const shell = /** @type {HTMLElement} */ (root.host);
    if (settings.theme) shell.dataset.theme = settings.theme;
    this.#build();
    this.#session = new Session(desk, {
      message: (message, old) => this.#receive(message, old),
      typing: (on) => this.#typing(on),
      outbox: () => this.#paintOutbox(),
      online: (on) => this.#online(on),
      fresh: () => this.#fresh(),
      draft: (text) => (this.input.value = text),
    });
    this.input.value = this.#session.draft;
    for (const change of ["resize", "scroll"]) visualViewport?.addEventListener(change, () => this.#fit());
  }

  #build() {
    const t = this.#t;
    this.history = el("div", { class: "list" });
    this.log = el("div", { class: "list", role: "log", "aria-label": t("title"), "aria-live": "polite", "aria-relevant": "additions" });
    this.outbox = el("div", { class: "list" });
    this.dots = el("div", { class: "dots", hidden: true, "aria-hidden": "true" }, el("i"), el("i"), el("i"));
    this.dock = el("div", { class: "dock" });
    this.newer = el("button", { type: "button", class: "newer", hidden: true, onclick: () => this.#toEnd() }, t("newer"));
    this.scroll = el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": t("conversation"), onscroll: () => this.#scrolled() },
      this.history, this.log, this.outbox, this.dots, this.dock, this.newer);
    for (const name of ["wheel", "touchmove", "keyup"]) this.scroll.addEventListener(name, () => (this.#following = this.#atEnd()));
    this.notice = el("p", { class: "notice", role: "status", hidden: true });
    this.input = /** @type {HTMLTextAreaElement} */ (
      el("textarea", { rows: "1", placeholder: t("write"), "aria-label": t("write"), maxlength: "4000", oninput: () => this.#session.keepDraft(this.input.value),
        onkeydown: (/** @type {KeyboardEvent} */ event) => this.#key(event) })
    );
    const send = el("button", { class: "go", type: "submit" }, t("send"));
    const form = el("form", { class: "write", onsubmit: (/** @type {Event} */ event) => this.#submit(event) }, this.input, send);
    const mode = this.#settings.mode ?? "launcher";
    this.panel = el("div", { class: `panel ${mode === "launcher" ? "" : mode}`.trim(), role: mode === "launcher" ? "dialog" : "region", "aria-label": t("title"), hidden: true, part: "panel", lang: t("code"), dir: t("direction"),
      onkeydown: (/** @type {KeyboardEvent} */ event) => mode === "launcher" && this.#panelKey(event) },
      this.#header(mode), this.notice, this.scroll, form);
    this.#root.append(this.panel);
  }

  /** @param {string} mode */
  #header(mode) {
    const t = this.#t;
    const entries = /** @type {[string, () => void][]} */ ([
      [t("transcript"), () => void this.#download()],
      [t("restart"), () => this.#send({ text: "Start again" }, t("restart"))],
      [t("erase"), () => this.#askErase()],
      [t("language"), () => this.#switchLanguage()],
    ]);
    return el("div", { class: "head" },
      el("div", {}, el("h2", {}, t("title")), el("p", {}, t("subtitle"))),
      menu(t("menu"), entries),
      mode === "launcher" && el("button", { type: "button", class: "icon", "aria-label": t("close"), onclick: () => this.hide() }, "×"));
  }

  /** @param {KeyboardEvent} event */
  #panelKey(event) {
    if (event.key === "Escape") this.hide();
    else if (event.key === "Tab" && matchMedia(FILLS_SCREEN).matches) keepTabIn(this.panel, event);
  }

  isOpen() {
    return !this.panel?.hidden;
  }

  /** @param {boolean} [focus] */
  show(focus = true) {
    this.panel.hidden = false;
    this.#unread = 0;
    this.#host.unread(0);
    keep("psoas:open", "1");
    if (!this.#started) {
      this.#started = true;
      this.#paintOutbox();
      void this.#session.start();
    }
    this.#fit();
    this.#toEnd();
    this.#session.seen();
    if (focus) this.input.focus();
  }

  hide() {
    this.panel.hidden = true;
    keep("psoas:open", null);
    this.#host.closed();
  }

  /** The chat takes what the on-screen keyboard leaves free. */
  #fit() {
    const { height, offsetTop } = visualViewport ?? { height: innerHeight, offsetTop: 0 };
    this.panel.style.setProperty("--view", `${Math.round(height)}px`);
    this.panel.style.setProperty("--view-top", `${Math.round(offsetTop)}px`);
    if (this.#following) this.#toEnd();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) this.#submit(event);
  }

  /** @param {Event} event */
  #submit(event) {
    event.preventDefault();
    const text = this.input.value.trim();
    if (!text) return;
    if (!this.#offline) this.notice.hidden = true;
    this.input.value = "";
    this.#session.keepDraft("");
    this.#send({ text }, text);
    this.input.focus();
  }

  /** @param {Record<string, any>} body @param {string} shown */
  #send(body, shown) {
    this.dock.replaceChildren();
    this.#session.send(body, shown);
    this.#host.announce("message", { author: "patient" });
    this.#following = true;
    this.#toEnd();
    this.scroll.focus({ preventScroll: true });
  }

  /** @param {any} message @param {boolean} old */
  #receive(message, old) {
    this.#messages.push({ message, old });
    const item = this.#place(message, old);
    if (message.author !== "patient") this.#setAsking(message);
    else this.#setAsking(null);
    if (old) {
      this.#toEnd();
      return;
    }
    if (message.safety) void this.#alarm(item);
    else if (message.author !== "patient" && !this.isOpen()) this.#host.unread(++this.#unread);
    if (message.author !== "patient") this.#host.announce("message", { author: message.author });
    if (this.#following || message.author === "patient") this.#bring(message.author === "patient" ? null : this.#firstNew());
    else this.newer.hidden = false;
    if (this.isOpen()) this.#session.seen();
  }

  /** An emergency opens the chat and takes the focus once. @param {HTMLElement} item */
  async #alarm(item) {
    if (!this.isOpen()) await this.#host.wake();
    /** @type {HTMLElement | null} */ (item.querySelector(".emergency"))?.focus();
  }

  /** Draw a message where it belongs. @param {any} message @param {boolean} old */
  #place(message, old) {
    const item = messageItem(message, {
      t: this.#t,
      desk: this.#desk,
      answers: Boolean(this.#delivered.parentElement) || message.author === "patient",
      send: (body, shown) => this.#send(body, shown),
      feedback: (seq, helpful) => this.#session.feedback(seq, helpful),
    });
    if (message.author === "patient") {
      this.#delivered.textContent = this.#t("delivered");
      item.append(this.#delivered);
    }
    (old ? this.history : this.log).append(item);
    return item;
  }

  /** @param {any} message */
  #setAsking(message) {
    this.#asking = message?.ask ? message : null;
    const control = this.#asking && controlFor(this.#asking, this.#t, (body, shown) => this.#send(body, shown));
    this.dock.replaceChildren(...(control ? [control] : []));
  }

  #paintOutbox() {
    const t = this.#t;
    this.outbox.replaceChildren(
      ...this.#session.waiting.map((waiting) =>
        el("div", { class: "message patient" },
          el("div", { class: "bubble", dir: "auto" }, formatted(waiting.shown)),
          waiting.failed
            ? el("span", { class: "mark bad" }, `${t("failed")} ${waiting.failed} `, this.#emergencyLine(), " ",
                el("button", { type: "button", class: "chip", onclick: () => this.#session.retry(waiting.id) }, t("again")))
            : el("span", { class: this.#offline ? "mark bad" : "mark" }, this.#offline ? t("notSent") : t("waiting"))),
      ),
    );
  }

  /** "If this is an emergency, call 911 now", with the number to tap. */
  #emergencyLine() {
    const number = this.#settings.emergency ?? EMERGENCY;
    const [before, after] = this.#t("emergency", { number: "|" }).split("|");
    return el("span", {}, before, callLink(number, number, ""), after ?? "");
  }

  /** @param {boolean} on */
  #typing(on) {
    this.dots.hidden = !on;
    if (on && this.#following) this.#toEnd();
  }

  /** @param {boolean} on */
  #online(on) {
    if (on === !this.#offline) return;
    this.#offline = !on;
    this.notice.hidden = on;
    if (!on) this.notice.replaceChildren(`${this.#t("offline")} `, this.#emergencyLine());
    this.#paintOutbox();
  }

  #fresh() {
    this.#messages = [];
    this.#delivered.remove();
    this.history.replaceChildren();
    this.log.replaceChildren();
    this.dock.replaceChildren();
    this.notice.replaceChildren(this.#t("expired"));
    this.notice.hidden = false;
  }

  async #download() {
    const text = await this.#session.transcript();
    const link = el("a", { href: URL.createObjectURL(new Blob([text], { type: "text/plain" })), download: "conversation.txt" });
    link.click();
    URL.revokeObjectURL(/** @type {HTMLAnchorElement} */ (link).href);
  }

  #askErase() {
    const t = this.#t;
    const close = () => {
      this.#setAsking(this.#asking);
      this.input.focus();
    };
    const erase = async () => {
      if (await this.#session.erase()) {
        this.notice.replaceChildren(t("erased"));
        this.notice.hidden = false;
      }
    };
    this.dock.replaceChildren(
      el("div", {
        class: "ask", role: "alertdialog", "aria-label": t("eraseSure"),
        onkeydown: (/** @type {KeyboardEvent} */ event) => {
          if (event.key !== "Escape") return;
          event.stopPropagation();
          close();
        },
      },
        el("p", {}, t("eraseSure")),
        el("button", { type: "button", class: "go", onclick: () => void erase() }, t("eraseYes")),
        el("button", { type: "button", class: "chip", onclick: close }, t("eraseNo"))),
    );
    this.dock.querySelector("button")?.focus();
  }

  #switchLanguage() {
    const language = this.#t("language") === "English" ? "en" : "es";
    keep(LANGUAGE, language);
    this.#t = words(language);
    const draft = this.input.value;
    this.panel.remove();
    this.#build();
    this.input.value = draft;
    this.panel.hidden = false;
    this.#delivered.remove();
    for (const { message } of this.#messages) this.#place(message, true); // read out once already
    this.#setAsking(this.#asking);
    this.#paintOutbox();
    if (this.#offline) {
      this.#offline = false;
      this.#online(false);
    }
    this.#fit();
    this.#toEnd();
    this.input.focus();
  }

  #atEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroll;
    return scrollHeight - scrollTop - clientHeight < NEAR_END;
  }

  #scrolled() {
    if (this.#atEnd()) this.newer.hidden = true;
  }

  /** The first of the messages that came after the patient's last one. */
  #firstNew() {
    let first = this.log.lastElementChild;
    while (first?.previousElementSibling && !first.previousElementSibling.classList.contains("patient")) first = first.previousElementSibling;
    return /** @type {HTMLElement | null} */ (first);
  }

  /** What comes into view gets its real height only then: the end is looked for more than once. */
  #toEnd() {
    let frames = FRAMES_TO_SETTLE;
    const step = () => {
      this.scroll.scrollTop = this.scroll.scrollHeight;
      if (--frames > 0 && this.#following) this.#settling = requestAnimationFrame(step);
    };
    cancelAnimationFrame(this.#settling);
    this.#settling = requestAnimationFrame(step);
  }

  /** What is new is shown to its end, or from its first line when it is longer than the view. @param {HTMLElement | null} item */
  #bring(item) {
    cancelAnimationFrame(this.#settling);
    this.#settling = requestAnimationFrame(() => {
      const end = this.scroll.scrollHeight;
      const top = item ? item.offsetTop - 8 : end;
      this.scroll.scrollTop = Math.min(top, end - this.scroll.clientHeight);
    });
  }
}

/** @param {string} key @param {string | null} value */
function keep(key, value) {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    /* nothing is kept in private browsing */
  }
}

/** @param {string} key */
function recall(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}
