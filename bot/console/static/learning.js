// Keys for deciding on one message after another. Everything here also works without them.
const typing = (element) => element instanceof HTMLElement && element.matches("input, select, textarea");
const example = /** @type {HTMLTextAreaElement | null} */ (document.getElementById("example"));

function mark() {
  if (!example) return;
  const words = example.value.slice(example.selectionStart, example.selectionEnd).trim();
  const empty = [...document.querySelectorAll("input[name^=words]")].find((field) => !(/** @type {HTMLInputElement} */ (field).value));
  if (!words || !(empty instanceof HTMLInputElement)) return;
  empty.value = words;
  const sign = empty.closest(".line")?.querySelector("select");
  if (sign) sign.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) {
    if (event.altKey && event.key === "m") mark();
    return;
  }
  if (event.key === "Escape" && typing(document.activeElement)) {
    /** @type {HTMLElement} */ (document.activeElement).blur();
    return;
  }
  if (typing(document.activeElement)) return;
  if (event.key === "m") {
    mark();
    return;
  }
  const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!(target instanceof HTMLElement)) return;
  event.preventDefault();
  if (typing(target)) target.focus();
  else target.click();
});
