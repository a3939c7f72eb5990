/** The hold timer of a stretch: rounds and sides, with a pause, a gentle sound, and a mark when it is done. */
import { el } from "./dom.js";

const SIDES = 2;
const DONE = "psoas:done";

/** Rounds and seconds of a dose such as "2 holds of 20 to 30 seconds on each side". @param {string} dose */
export function holdsOf(dose) {
  const rounds = Number(/(\d+) holds?/.exec(dose)?.[1] ?? 1);
  const seconds = /(\d+)(?: to (\d+))? seconds/.exec(dose);
  const minutes = /of (\d+) minutes?/.exec(dose);
  const long = seconds ? Number(seconds[1]) : minutes ? Number(minutes[1]) * 60 : 60;
  return { rounds: /minutes in all/.test(dose) ? 5 : rounds, seconds: long };
}

/** @param {{id: string, dose: string}} card @param {import("./strings.js").Words} t */
export function holdTimer(card, t) {
  const { rounds, seconds } = holdsOf(card.dose);
  const total = rounds * SIDES;
  let hold = 0;
  let left = seconds;
  let ticking = 0;
  const clock = el("span", { class: "clock" }, format(left));
  const state = el("output", { "aria-live": "polite" }, "");
  const button = el("button", { type: "button", class: "go", onclick: () => (ticking ? stop() : go()) }, t("start"));

  const go = () => {
    if (hold >= total) [hold, left] = [0, seconds];
    ticking = window.setInterval(tick, 1000);
    button.textContent = t("pause");
    say();
  };
  const stop = () => {
    clearInterval(ticking);
    ticking = 0;
    button.textContent = hold >= total ? t("start") : t("go");
  };
  const tick = () => {
    left -= 1;
    clock.textContent = format(Math.max(left, 0));
    if (left > 0) return;
    signal();
    hold += 1;
    left = seconds;
    if (hold >= total) {
      stop();
      state.textContent = t("marked");
      mark(card.id);
    } else say();
  };
  const say = () => {
    const side = (hold % SIDES) + 1;
    const words = t("hold", { side, round: Math.floor(hold / SIDES) + 1, rounds });
    state.textContent = hold && side === 2 ? `${t("change")}. ${words}` : words;
  };
  if (isDone(card.id)) state.textContent = t("marked");
  return el("div", { class: "timer" }, clock, state, button);
}

/** @param {number} seconds */
const format = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;

function signal() {
  navigator.vibrate?.(150);
  try {
    const audio = new AudioContext();
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.frequency.value = 528;
    volume.gain.setValueAtTime(0.08, audio.currentTime);
    volume.gain.exponentialRampToValueAtTime(0.0001, audio.currentTime + 0.8);
    tone.connect(volume).connect(audio.destination);
    tone.start();
    tone.stop(audio.currentTime + 0.8);
  } catch {
    /* no sound: the clock and the words are enough */
  }
}

const today = () => new Date().toISOString().slice(0, 10);

/** @param {string} id */
function isDone(id) {
  try {
    return localStorage.getItem(`${DONE}:${id}`) === today();
  } catch {
    return false;
  }
}

/** @param {string} id */
function mark(id) {
  try {
    localStorage.setItem(`${DONE}:${id}`, today());
  } catch {
    /* nothing is kept in private browsing */
  }
}
