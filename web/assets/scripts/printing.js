// Printing is the browser's own; the button only saves the menu, and is not there where no script runs.
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});
const show = (root) => {
  for (const button of root.querySelectorAll("[data-print]")) button.hidden = false;
};
show(document);
document.addEventListener("htmx:load", (event) => show(event.detail.elt));
// What is folded on the screen is whole on paper, and folded again afterwards.
addEventListener("beforeprint", () => {
  for (const fold of document.querySelectorAll("details:is(.fold, [data-prints]):not([open])")) fold.open = fold.dataset.printed = true;
});
addEventListener("afterprint", () => {
  for (const fold of document.querySelectorAll("[data-printed]")) {
    fold.open = false;
    delete fold.dataset.printed;
  }
});
