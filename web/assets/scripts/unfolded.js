// A column that stays in sight while the page scrolls may unfold taller than the window: then it scrolls with the page, so that
// all of it is reached.
const UNFOLDED = ".form-here, details[open]";
const look = () => {
  for (const column of document.querySelectorAll(".column-acts")) {
    column.classList.toggle("is-unfolded", column.querySelector(UNFOLDED) !== null);
  }
};
look();
document.addEventListener("toggle", look, true);
document.addEventListener("htmx:afterSwap", look);
document.addEventListener("click", () => setTimeout(look));
