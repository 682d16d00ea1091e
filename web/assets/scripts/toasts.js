// A toast stays ten seconds, and as long as the pointer or the focus is on it, a refusal until it is closed; its words are read out once.
// What was done goes as soon as anything else is sent or refused: it is no answer to that.
const STAYS = 10_000;
const live = document.querySelector("[data-live]");

const begin = (toast) => {
  if (toast.dataset.begun) return;
  toast.dataset.begun = "yes";
  toast.querySelector("[data-close]").addEventListener("click", () => toast.remove());
  // A refusal says itself to readers, and stays until it is closed.
  if (toast.dataset.stays) return;
  if (live) live.textContent = toast.querySelector("p").textContent;
  let timer = 0;
  const wait = () => { timer = setTimeout(() => toast.remove(), STAYS); };
  const hold = () => clearTimeout(timer);
  for (const name of ["mouseenter", "focusin"]) toast.addEventListener(name, hold);
  for (const name of ["mouseleave", "focusout"]) toast.addEventListener(name, () => { hold(); wait(); });
  wait();
};

const clear = () => document.querySelectorAll("[data-toast]:not([data-stays])").forEach((toast) => toast.remove());
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.requestConfig.verb !== "get" || detail.xhr.status >= 400) clear();
});
for (const name of ["htmx:sendError", "htmx:timeout"]) document.addEventListener(name, clear);

const all = () => document.querySelectorAll("[data-toast]").forEach(begin);
all();
document.addEventListener("htmx:load", all);
