// The page's own buttons open the chat; until the chat is there they lead to the telephone number.
document.addEventListener("click", (event) => {
  const opener = event.target instanceof Element && event.target.closest("[data-open-chat]");
  if (opener && window.psoas) {
    event.preventDefault();
    window.psoas.open();
  }
});
