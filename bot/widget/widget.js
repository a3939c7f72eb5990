/**
 * The clinic's chat for any website: one script tag, one element, nothing off the clinic's own desk.
 * This file paints the launcher; the panel comes when it is opened.
 */
const HERE = new URL(import.meta.url);
const DESK = HERE.origin;
const TEASER_GONE = "psoas:teaser-gone";

/** The settings of the script tag that loaded this file. */
function scriptSettings() {
  for (const script of document.querySelectorAll("script[type=module][src]")) {
    if (new URL(/** @type {HTMLScriptElement} */ (script).src, document.baseURI).href === HERE.href) {
      return { .../** @type {HTMLElement} */ (script).dataset };
    }
  }
  return {};
}

const LAUNCHER = `
:host{--psoas-accent:#0b6b61;--psoas-on-accent:#fff;--psoas-space:20px;font:16px/1.5 system-ui,sans-serif}
:host([hidden]){display:none}
.launcher,.teaser{position:fixed;z-index:2147483000;inset-block-end:calc(var(--psoas-space) + env(safe-area-inset-bottom,0px));inset-inline-end:var(--psoas-space)}
.launcher{display:flex;gap:10px;align-items:center;min-height:56px;padding:0 20px;border:0;border-radius:28px;background:var(--psoas-accent);color:var(--psoas-on-accent);font:600 16px/1 system-ui,sans-serif;box-shadow:0 6px 24px rgb(0 40 36/.28);cursor:pointer}
:host([data-position=left]) :is(.launcher,.teaser){inset-inline:var(--psoas-space) auto}
.launcher:hover{filter:brightness(1.08)}
.launcher:focus-visible,.teaser button:focus-visible{outline:3px solid #ffb703;outline-offset:3px}
.launcher svg{width:24px;height:24px}
.badge{min-width:22px;height:22px;padding:0 6px;border-radius:11px;background:#b3261e;color:#fff;font:700 13px/22px system-ui;text-align:center}
.badge:empty{display:none}
.teaser{inset-block-end:calc(var(--psoas-space) + 72px + env(safe-area-inset-bottom,0px));max-width:min(280px,calc(100vw - 40px));padding:14px 44px 14px 16px;border-radius:16px 16px 4px 16px;background:#fff;color:#1d2b2a;box-shadow:0 6px 24px rgb(0 40 36/.22)}
.teaser button{position:absolute;inset-block-start:4px;inset-inline-end:4px;width:40px;height:40px;border:0;border-radius:20px;background:none;color:#41524f;font-size:20px;cursor:pointer}
@media (prefers-color-scheme:dark){.teaser{background:#1c2b29;color:#e8f1ef}.teaser button{color:#c4d3d0}}
@media (forced-colors:active){.launcher,.teaser{border:2px solid ButtonText}}
@media print{:host{display:none}}
`;

/** @param {string} css */
function sheetOf(css) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  return sheet;
}

/** @param {string} key */
function kept(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** The chat: a launcher with a panel (`data-mode` launcher), or the panel alone (inline, page). */
class PsoasChat extends HTMLElement {
  /** @type {Record<string, string | undefined>} */
  #settings = {};
  /** @type {any} */
  #panel = null;
  /** @type {HTMLButtonElement | null} */
  #launcher = null;
  #name = "";
  /** @type {Promise<any> | null} */
  #loading = null;

  connectedCallback() {
    if (this.shadowRoot) return;
    this.#settings = { ...scriptSettings(), ...this.dataset };
    if (this.#settings.position) this.dataset.position = this.#settings.position;
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheetOf(LAUNCHER)];
    if (this.mode === "launcher") this.#paintLauncher(root);
    else void this.open();
    if (kept("psoas:open") && this.mode === "launcher") void this.open(false);
    announce("ready");
  }

  get mode() {
    return this.#settings.mode ?? "launcher";
  }

  /** @param {ShadowRoot} root */
  #paintLauncher(root) {
    const words = (kept("psoas:language") ?? this.#settings.lang ?? navigator.language).startsWith("es")
      ? { open: "Pregunte por su espalda", close: "Cerrar el aviso" }
      : { open: "Ask about your back", close: "Close this hint" };
    const button = document.createElement("button");
    button.className = "launcher";
    button.part.add("launcher");
    button.type = "button";
    button.setAttribute("aria-haspopup", "dialog");
    button.setAttribute("aria-expanded", "false");
    button.append(bubbleIcon(), words.open);
    const badge = document.createElement("span");
    badge.className = "badge";
    button.append(badge);
    button.addEventListener("click", () => this.toggle());
    root.append(button);
    this.#launcher = button;
    this.#name = words.open;
    if (this.#settings.teaser && !kept(TEASER_GONE)) root.append(this.#teaser(this.#settings.teaser, words.close));
  }

  /** @param {string} text @param {string} closeLabel */
  #teaser(text, closeLabel) {
    const teaser = document.createElement("div");
    teaser.className = "teaser";
    teaser.setAttribute("role", "complementary");
    teaser.setAttribute("aria-label", this.#name);
    teaser.part.add("teaser");
    const close = document.createElement("button");
    close.type = "button";
    close.setAttribute("aria-label", closeLabel);
    close.textContent = "×";
    close.addEventListener("click", () => this.#dropTeaser(true));
    teaser.append(text, close);
    return teaser;
  }

  /** @param {boolean} forGood */
  #dropTeaser(forGood) {
    this.shadowRoot?.querySelector(".teaser")?.remove();
    if (forGood) {
      try {
        localStorage.setItem(TEASER_GONE, "1");
      } catch {
        /* a browser that keeps nothing shows it again */
      }
    }
  }

  /** Load the panel once. */
  #load() {
    this.#loading ??= import(new URL("/widget/panel.js", DESK).href).then((module) => {
      this.#panel = module.openPanel(this.shadowRoot, DESK, this.#settings, {
        closed: () => this.#closed(),
        wake: () => this.open(false),
        /** @param {number} count */
        unread: (count) => {
          const badge = this.shadowRoot?.querySelector(".badge");
          if (badge) badge.textContent = count ? String(count) : "";
          if (count) this.#launcher?.setAttribute("aria-label", `${this.#name} (${count})`);
          else this.#launcher?.removeAttribute("aria-label");
        },
        announce,
      });
      return this.#panel;
    });
    return this.#loading;
  }

  /** Show the chat. @param {boolean} [focus] */
  async open(focus = true) {
    this.#dropTeaser(false);
    const panel = await this.#load();
    panel.show(focus);
    this.#launcher?.setAttribute("aria-expanded", "true");
    if (this.#launcher) this.#launcher.hidden = true;
    announce("open");
  }

  /** Hide it. */
  close() {
    this.#panel?.hide();
  }

  toggle() {
    if (this.#panel?.isOpen()) this.close();
    else void this.open();
  }

  #closed() {
    if (this.#launcher) {
      this.#launcher.hidden = false;
      this.#launcher.setAttribute("aria-expanded", "false");
      this.#launcher.focus();
    }
    announce("close");
  }
}

/** Tell the host page what happened, never what was written. @param {string} name @param {object} [detail] */
function announce(name, detail = {}) {
  document.dispatchEvent(new CustomEvent(`psoas:${name}`, { detail }));
}

function bubbleIcon() {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("fill", "currentColor");
  path.setAttribute("d", "M4 4h16a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-8l-5 4v-4H4a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2z");
  svg.append(path);
  return svg;
}

if (!customElements.get("psoas-chat")) customElements.define("psoas-chat", PsoasChat);

function element() {
  let chat = /** @type {PsoasChat | null} */ (document.querySelector("psoas-chat"));
  if (!chat) {
    chat = /** @type {PsoasChat} */ (document.createElement("psoas-chat"));
    document.body.append(chat);
  }
  return chat;
}

const chat = element();
/** @type {any} */ (window).psoas = {
  open: () => chat.open(),
  close: () => chat.close(),
  toggle: () => chat.toggle(),
};
