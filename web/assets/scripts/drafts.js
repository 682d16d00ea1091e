// What is being typed is kept on this device under the person's own name, until it was handed in or he signs out.
const me = () => document.body.dataset.login;
const named = (box) => `duban:${me()}:${location.pathname}:${box.dataset.draft}`;
const kept = (box, is) => {
  const said = box.parentElement.querySelector("[data-draft-kept]");
  if (said) said.hidden = !is;
};
const ready = (root) => {
  if (!me()) return;
  const done = document.querySelector("[data-toast]");
  for (const box of root.querySelectorAll("textarea[data-draft]")) {
    const name = named(box);
    // A toast says that what was handed in is kept: that draft has done its work.
    if (done && sessionStorage.getItem("duban:sent") === name) localStorage.removeItem(name);
    const draft = localStorage.getItem(name);
    if (draft && !box.value) {
      box.value = draft;
      box.closest("details")?.setAttribute("open", "");
      kept(box, true);
    }
    box.addEventListener("input", () => {
      if (box.value) localStorage.setItem(name, box.value);
      else localStorage.removeItem(name);
      kept(box, Boolean(box.value));
    });
  }
};
document.addEventListener("submit", (event) => {
  const box = event.target.querySelector("textarea[data-draft]");
  if (box) sessionStorage.setItem("duban:sent", named(box));
  if (!event.target.hasAttribute("data-sign-out")) return;
  for (const name of Object.keys(localStorage)) if (name.startsWith(`duban:${me()}:`)) localStorage.removeItem(name);
}, true);
ready(document);
document.addEventListener("htmx:load", (event) => ready(event.detail.elt));
