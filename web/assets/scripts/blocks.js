// A block of a form that folds (macros/forms.html) is named by what stands in its first long box.
const ready = (root) => {
  for (const block of root.querySelectorAll("[data-block]")) {
    const [title, box] = [block.querySelector("[data-block-title]"), block.querySelector("textarea")];
    const blank = title.textContent;
    const tell = () => { title.textContent = box.value.trim() || blank; };
    if (!box) continue;
    block.addEventListener("input", tell);
    tell();
  }
};
ready(document);
document.addEventListener("htmx:load", (event) => ready(event.detail.elt));
