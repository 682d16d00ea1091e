// A drawing that is wider than its box opens at the column of states, not at its left edge.
const show = (root) => {
  for (const one of root.querySelectorAll?.("[data-centre]") ?? []) {
    const column = one.querySelector("[data-state]");
    if (!column) continue;
    const [inner, outer] = [column.getBoundingClientRect(), one.getBoundingClientRect()];
    one.scrollLeft += inner.left + inner.width / 2 - outer.left - outer.width / 2;
  }
};

document.addEventListener("htmx:load", (event) => show(event.detail.elt));
show(document);
