// A button that says in data-copy what goes on the clipboard. Plain http has no clipboard of its own, so a hidden box stands in.
const byHand = (words) => {
  const box = document.createElement("textarea");
  box.value = words;
  box.setAttribute("readonly", "");
  box.className = "heard";
  document.body.append(box);
  box.select();
  document.execCommand("copy");
  box.remove();
};
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  if (navigator.clipboard) navigator.clipboard.writeText(button.dataset.copy).catch(() => byHand(button.dataset.copy));
  else byHand(button.dataset.copy);
  const live = document.querySelector("[data-live]");
  if (live && button.dataset.copied) live.textContent = button.dataset.copied;
  if (button.dataset.copied && button.type === "button") button.textContent = button.dataset.copied;
});
const show = (root) => {
  for (const button of root.querySelectorAll("button[data-copy][hidden]")) button.hidden = false;
};
show(document);
document.addEventListener("htmx:load", (event) => show(event.detail.elt));
