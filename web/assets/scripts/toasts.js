// A toast stays ten seconds, and as long as the pointer or the focus is on it, a refusal until it is closed; its words are read out once.
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

const all = () => document.querySelectorAll("[data-toast]").forEach(begin);
all();
document.addEventListener("htmx:load", all);
