// Popovers are <details data-popover>: Esc and a click elsewhere close them, and focus goes back to what opened them.
const opened = () => [...document.querySelectorAll("details[data-popover][open]")];

const close = (popover, focus) => {
  popover.open = false;
  if (focus) popover.querySelector("summary").focus();
};

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const last = opened().pop();
  if (last) close(last, true);
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("details[data-popover] [data-close]");
  if (button) close(button.closest("details"), true);
  for (const popover of opened()) if (!popover.contains(event.target)) close(popover, false);
});

const ready = (root) => {
  for (const button of root.querySelectorAll("[data-close]")) button.hidden = false;
  root.querySelector("[data-focus]")?.focus();
};
ready(document);
document.addEventListener("htmx:load", (event) => ready(event.detail.elt));
