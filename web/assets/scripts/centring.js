// A drawing that is wider than its box opens at the column of states, not at its left edge; again where the box has another width,
// as on a telephone that is turned.
const centre = (one) => {
  const column = one.querySelector("[data-state]");
  if (!column) return;
  const [inner, outer] = [column.getBoundingClientRect(), one.getBoundingClientRect()];
  one.scrollLeft += inner.left + inner.width / 2 - outer.left - outer.width / 2;
};
const boxes = new ResizeObserver((changed) => changed.forEach((one) => centre(one.target)));
const watch = (root) => root.querySelectorAll?.("[data-centre]").forEach((one) => boxes.observe(one));

document.addEventListener("htmx:load", (event) => watch(event.detail.elt));
watch(document);
