// A button that says in data-copy what goes on the clipboard, and a toast that says it in data-copies once it was done. Plain http has no
// clipboard of its own, so a hidden box stands in. Where neither is allowed nothing is said to be copied.
const byHand = (words) => {
  const focused = document.activeElement;
  const box = document.createElement("textarea");
  box.value = words;
  box.setAttribute("readonly", "");
  box.className = "heard";
  document.body.append(box);
  box.select();
  const copied = document.execCommand("copy");
  box.remove();
  focused?.focus?.({ preventScroll: true });
  return copied;
};
const copy = async (words) => {
  try {
    await navigator.clipboard.writeText(words);
    return true;
  } catch {
    return byHand(words);
  }
};
const tell = (words) => {
  const live = document.querySelector("[data-live]");
  if (live && words) live.textContent = words;
};
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button || !(await copy(button.dataset.copy))) return;
  tell(button.dataset.copied);
  if (button.dataset.copied && button.type === "button") button.textContent = button.dataset.copied;
});
const copyDone = async (toast) => {
  const words = toast.dataset.copies;
  delete toast.dataset.copies;
  if (!(await copy(words))) return;
  const said = toast.querySelector("p");
  const below = document.createElement("span");
  below.className = "toast-below";
  below.textContent = toast.dataset.copied;
  said.append(" ", below);
  tell(said.textContent);
};
const show = (root) => {
  for (const button of root.querySelectorAll("button[data-copy][hidden]")) button.hidden = false;
  for (const toast of document.querySelectorAll("[data-copies]")) copyDone(toast);
};
show(document);
document.addEventListener("htmx:load", (event) => show(event.detail.elt));
