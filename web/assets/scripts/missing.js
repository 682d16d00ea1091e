// A box that must be filled in says so in the page's language, where the browser would say it in its own.
const words = JSON.parse(document.querySelector("[data-day-words]")?.dataset.dayWords ?? "{}");
document.addEventListener("invalid", ({ target }) => {
  if (target.validity.valueMissing && words.required) target.setCustomValidity(target.tagName === "SELECT" ? words.select : words.required);
}, true);
for (const name of ["input", "change"]) {
  document.addEventListener(name, ({ target }) => target.setCustomValidity?.(""), true);
}
