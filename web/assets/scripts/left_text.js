// What is typed into the text of a definition and has not come to the draft yet (nobody has left the box, the line is down, the
// office has refused it) is kept on this device by the rules of drafts.js, and offered when the page is opened again.
import { PREFIX, me, read, write } from "./device.js";

const named = (what) => `${PREFIX}${me()}:definition:${location.pathname}:${what}`;
const box = () => document.getElementById("source");
const show = (mark, is) => { const found = document.querySelector(mark); if (found) found.hidden = !is; };

// Keeps what is typed while it is nowhere else; once the draft has it, nothing is kept.
export const keepText = (isOpen) => {
  if (isOpen) write(named("typed"), box().value);
  else localStorage.removeItem(named("typed"));
  show("[data-text-kept]", isOpen);
};

// Says that something was left; an answer has drawn the place anew.
export const offerText = () => {
  const left = read(named("left"));
  if (left === box().value) localStorage.removeItem(named("left"));
  show("[data-text-left]", Boolean(left) && left !== box().value);
};

// What was typed when the page was last closed is offered, and what is typed from now on takes nothing from it.
export const findText = () => {
  const typed = read(named("typed"));
  if (typed) write(named("left"), typed);
  localStorage.removeItem(named("typed"));
  offerText();
};

document.addEventListener("click", (event) => {
  const how = event.target.closest?.("[data-text-take]")?.dataset.textTake;
  if (!how) return;
  const left = read(named("left"));
  localStorage.removeItem(named("left"));
  show("[data-text-left]", false);
  box().focus();
  if (how === "drop") return;
  box().value = left;
  // It goes to the draft when the box is left, as what is typed does.
  box().dataset.typed = "1";
  box().dispatchEvent(new Event("input", { bubbles: true }));
});
