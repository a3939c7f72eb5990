/** The way to the desk: a resumable session, an outbox that loses nothing, and a stream that resumes. */

const BACKOFF = [1000, 2000, 4000, 8000, 15000];
const SILENCE = 40000; // the desk says something every 15 seconds
const FIRST_WORD = 6000; // and at once when a stream opens: a proxy that holds it back is not waited for
const POLL = 2500;
const POLLS = 20; // then a stream is tried again
const GIVE_UP = new Set([400, 404, 413, 415, 422]);

/** @typedef {{id: string, body: Record<string, any>, shown: string, failed?: string}} Waiting */

/** @template T @param {string} key @param {T} fallback @returns {T} */
function load(key, fallback) {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null") ?? fallback;
  } catch {
    return fallback;
  }
}

/** @param {string} key @param {any} value */
function save(key, value) {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(value));
  } catch {
    /* private browsing: the conversation lives as long as the page */
  }
}

/** Wait, but no longer than until the network is back or the page is looked at again. @param {number} milliseconds */
const pause = (milliseconds) =>
  new Promise((resolve) => {
    const woken = () => {
      if (document.visibilityState === "hidden") return;
      removeEventListener("online", woken);
      document.removeEventListener("visibilitychange", woken);
      clearTimeout(timer);
      resolve(undefined);
    };
    const timer = setTimeout(resolve, milliseconds);
    addEventListener("online", woken, { once: true });
    document.addEventListener("visibilitychange", woken, { once: true });
  });

/** A message's id; `randomUUID` is missing on pages that come without TLS. */
function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** The token of a conversation that moves here from Messenger; it is taken out of the address at once. @param {string} desk */
function carriedOver(desk) {
  const token = /^#psoas=([\w.~-]+)$/.exec(location.hash)?.[1] ?? null;
  if (!token || location.origin !== desk) return null;
  history.replaceState(null, "", location.pathname + location.search);
  return token;
}

export class Session {
  #desk;
  #listen;
  #keys;
  #seq = 0;
  #closed = false;
  #flushing = false;
  #mute = 0; // streams in a row that never said anything
  /** @type {AbortController | null} */
  #stream = null;
  /** @type {string | null} */
  #token;
  /** @type {Waiting[]} */
  waiting;

  /**
   * @param {string} desk
   * @param {{message: (m: any, old: boolean) => void, typing: (on: boolean) => void, outbox: () => void, online: (on: boolean) => void, fresh: () => void, draft: (text: string) => void}} listen
   */
  constructor(desk, listen) {
    this.#desk = desk;
    this.#listen = listen;
    this.#keys = { token: `psoas:${desk}:token`, outbox: `psoas:${desk}:outbox`, draft: `psoas:${desk}:draft` };
    this.#token = carriedOver(desk) ?? load(this.#keys.token, null);
    save(this.#keys.token, this.#token);
    this.waiting = load(this.#keys.outbox, []);
    addEventListener("online", () => void this.flush());
    addEventListener("offline", () => this.#listen.online(false));
    addEventListener("storage", (event) => {
      if (event.key === this.#keys.outbox) {
        this.waiting = load(this.#keys.outbox, []);
        this.#listen.outbox();
      } else if (event.key === this.#keys.draft) {
        this.#listen.draft(this.draft);
      } else if (event.key === this.#keys.token && event.newValue !== JSON.stringify(this.#token)) {
        this.#token = load(this.#keys.token, null);
        if (this.#token) this.#restart();
      }
    });
  }

  get draft() {
    return load(this.#keys.draft, "");
  }

  /** @param {string} text */
  keepDraft(text) {
    save(this.#keys.draft, text || null);
  }

  /** Read what there is, then follow the stream for as long as the page lives. */
  async start() {
    for (let tries = 0; !this.#closed; tries++) {
      try {
        if (!this.#token) await this.#open();
        const page = await this.#get(`/chat/messages?after=${this.#seq}`);
        const old = this.#seq === 0; // what is caught up on later is news
        for (const message of page.messages) this.#take(message, old);
        this.#listen.typing(page.typing);
        this.#listen.online(true);
        tries = 0;
        void this.flush();
        await this.#news();
      } catch (error) {
        if (this.#closed) return;
        if (error instanceof Gone) this.#forget();
        else this.#listen.online(false);
      }
      await pause(BACKOFF[Math.min(tries, BACKOFF.length - 1)]);
    }
  }

  async #open() {
    const answer = await fetch(`${this.#desk}/chat/sessions`, { method: "POST" });
    if (!answer.ok) throw new Error(`sessions ${answer.status}`);
    this.#token = (await answer.json()).token;
    save(this.#keys.token, this.#token);
  }

  #forget() {
    this.#token = null;
    this.#seq = 0;
    save(this.#keys.token, null);
    this.#listen.fresh();
  }

  #restart() {
    this.#seq = 0;
    this.#listen.fresh();
    this.#stream?.abort();
  }

  get #headers() {
    return { Authorization: `Bearer ${this.#token}` };
  }

  /** @param {string} path */
  async #get(path) {
    const answer = await fetch(this.#desk + path, { headers: this.#headers });
    if (answer.status === 401) throw new Gone();
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  }

  /** What comes from now on: by the stream, or by asking where streams do not get through. */
  async #news() {
    if (this.#mute < 2) {
      this.#mute += 1;
      await this.#follow();
      return;
    }
    for (let round = 0; round < POLLS; round++) {
      await pause(POLL);
      const page = await this.#get(`/chat/messages?after=${this.#seq}`);
      for (const message of page.messages) this.#take(message, false);
      this.#listen.typing(page.typing);
    }
    this.#mute = 0;
  }

  /** Follow the event stream until it ends or falls silent; every event carries the number to resume from. */
  async #follow() {
    const stream = new AbortController();
    this.#stream = stream;
    let alarm = setTimeout(() => stream.abort(), FIRST_WORD);
    try {
      await this.#read(stream.signal, () => {
        this.#mute = 0;
        clearTimeout(alarm);
        alarm = setTimeout(() => stream.abort(), SILENCE);
      });
    } catch (error) {
      if (!stream.signal.aborted) throw error;
    } finally {
      clearTimeout(alarm);
    }
  }

  /** @param {AbortSignal} signal @param {() => void} heard */
  async #read(signal, heard) {
    const answer = await fetch(`${this.#desk}/chat/events`, {
      headers: { ...this.#headers, "Last-Event-ID": String(this.#seq) },
      signal,
    });
    if (answer.status === 401) throw new Gone();
    if (!answer.ok || !answer.body) throw new Error(String(answer.status));
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      heard();
      const blocks = (rest + value).split("\n\n");
      rest = blocks.pop() ?? "";
      for (const block of blocks) this.#event(block);
    }
  }

  /** @param {string} block */
  #event(block) {
    let name = "message";
    const data = [];
    for (const line of block.split("\n")) {
      if (line.startsWith("event:")) name = line.slice(6).trim();
      else if (line.startsWith("data:")) data.push(line.slice(5).trim());
    }
    if (!data.length) return;
    const content = JSON.parse(data.join("\n"));
    if (name === "typing") this.#listen.typing(Boolean(content.typing));
    else if (name === "message") this.#take(content, false);
  }

  /** @param {any} message @param {boolean} old */
  #take(message, old) {
    if (message.seq <= this.#seq) return;
    this.#seq = message.seq;
    if (message.author === "patient" && message.id) this.#arrived(message.id);
    this.#listen.message(message, old);
  }

  /** Keep a message and send it as soon as that is possible. @param {Record<string, any>} body @param {string} shown */
  send(body, shown) {
    this.waiting = [...load(this.#keys.outbox, this.waiting), { id: newId(), body, shown }]; // other tabs write too
    save(this.#keys.outbox, this.waiting);
    this.#listen.outbox();
    void this.flush();
  }

  /** @param {string} id */
  #arrived(id) {
    const left = this.waiting.filter((item) => item.id !== id);
    if (left.length === this.waiting.length) return;
    this.waiting = left;
    save(this.#keys.outbox, left);
    this.#listen.outbox();
  }

  /** Try a message that was refused once more. @param {string} id */
  retry(id) {
    for (const item of this.waiting) if (item.id === id) delete item.failed;
    save(this.#keys.outbox, this.waiting);
    this.#listen.outbox();
    void this.flush();
  }

  /** Send everything that waits, in order, each until the desk has it. */
  async flush() {
    if (this.#flushing || !this.#token) return;
    this.#flushing = true;
    try {
      for (let tries = 0; ; ) {
        const next = this.waiting.find((item) => !item.failed);
        if (!next) return;
        const wait = await this.#post(next);
        if (wait === 0) tries = 0;
        else await pause(Math.max(wait, BACKOFF[Math.min(tries++, BACKOFF.length - 1)]));
      }
    } finally {
      this.#flushing = false;
    }
  }

  /** Post one message; milliseconds to wait before the next try, 0 when it is dealt with. @param {Waiting} item */
  async #post(item) {
    try {
      const answer = await fetch(`${this.#desk}/chat/messages`, {
        method: "POST",
        headers: { ...this.#headers, "Content-Type": "application/json" },
        body: JSON.stringify({ id: item.id, ...item.body }),
      });
      if (answer.ok) {
        this.#listen.online(true);
        this.#arrived(item.id);
        return 0;
      }
      if (answer.status === 401) return 1000;
      if (GIVE_UP.has(answer.status)) {
        item.failed = (await answer.json().catch(() => ({}))).message ?? String(answer.status);
        save(this.#keys.outbox, this.waiting);
        this.#listen.outbox();
        return 0;
      }
      return Number(answer.headers.get("Retry-After") ?? 0) * 1000 || 1;
    } catch {
      this.#listen.online(false);
      return 1;
    }
  }

  /** Tell the desk how far the patient has seen. */
  seen() {
    if (this.#token && this.#seq) void this.#tell("/chat/seen", { seq: this.#seq });
  }

  /** Whether an answer helped; null takes it back. @param {number} seq @param {boolean | null} helpful */
  feedback(seq, helpful) {
    return this.#tell("/chat/feedback", { seq, helpful });
  }

  /** Say something that may get lost: whether it arrived. @param {string} path @param {object} body */
  async #tell(path, body) {
    try {
      const headers = { ...this.#headers, "Content-Type": "application/json" };
      return (await fetch(this.#desk + path, { method: "POST", headers, body: JSON.stringify(body) })).ok;
    } catch {
      return false;
    }
  }

  /** The conversation as text. */
  async transcript() {
    const answer = await fetch(`${this.#desk}/chat/transcript`, { headers: this.#headers });
    return answer.ok ? answer.text() : "";
  }

  /** Erase it at the desk and here. */
  async erase() {
    const answer = await fetch(`${this.#desk}/chat/conversation`, { method: "DELETE", headers: this.#headers });
    if (!answer.ok && answer.status !== 401) return false;
    this.waiting = [];
    save(this.#keys.outbox, null);
    save(this.#keys.draft, null);
    this.#forget();
    this.#stream?.abort();
    return true;
  }
}

class Gone extends Error {}
