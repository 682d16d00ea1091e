// What is being typed is kept on this device under the person's own name, until it was handed in, he signs out, or two weeks
// have passed. Only boxes that say so (data-draft) are kept: none that may hold a secret.
import { PREFIX, me, read, write } from "./device.js";

// A box is named by what it writes about, not by the page: a note that was refused comes back under another address.
const named = (box) => `${PREFIX}${me()}:note:${box.dataset.draft}`;
const drop = (is) => {
  for (const name of Object.keys(localStorage)) if (name.startsWith(PREFIX) && is(name)) localStorage.removeItem(name);
};
const told = (box, is) => {
  const said = box.parentElement.querySelector("[data-draft-kept]");
  if (said) said.hidden = !is;
};
const ready = (root) => {
  if (!me()) return;
  const done = document.querySelector("[data-toast]:not([data-stays])");
  for (const box of root.querySelectorAll("textarea[data-draft]")) {
    const name = named(box);
    // A toast says that what was handed in is kept: that draft has done its work.
    if (done && sessionStorage.getItem(`${PREFIX}sent`) === name) localStorage.removeItem(name);
    // What comes back with a refusal is kept as it was typed.
    if (box.value) write(name, box.value);
    const words = read(name);
    if (words && !box.value) {
      box.value = words;
      box.closest("details")?.setAttribute("open", "");
      told(box, true);
    }
    box.addEventListener("input", () => {
      if (box.value) write(name, box.value);
      else localStorage.removeItem(name);
      told(box, Boolean(box.value));
    });
  }
  // It was handed in once: a toast about something else later says nothing of it.
  sessionStorage.removeItem(`${PREFIX}sent`);
};
document.addEventListener("submit", (event) => {
  const box = event.target.querySelector("textarea[data-draft]");
  if (box) sessionStorage.setItem(`${PREFIX}sent`, named(box));
  if (event.target.hasAttribute("data-sign-out")) drop((name) => name.startsWith(`${PREFIX}${me()}:`));
}, true);
// What was sent in place is told by its own answer: something else may have come into the page meanwhile.
document.addEventListener("htmx:beforeSwap", (event) => {
  const box = event.detail.requestConfig?.elt.querySelector("textarea[data-draft]");
  if (box && event.detail.xhr.status < 400) localStorage.removeItem(named(box));
});
drop((name) => !read(name));
ready(document);
document.addEventListener("htmx:load", (event) => ready(event.detail.elt));
