// The browser labels a box for files in its own language; ours says the same in the page's, and names what was chosen.
const dress = (root) => {
  for (const box of root.querySelectorAll("[data-file]")) {
    if (box.classList.contains("file-dressed")) continue;
    box.classList.add("file-dressed");
    box.hidden = box.querySelector("[data-file-face]").hidden = false;
    const names = box.querySelector("[data-file-names]");
    // Where files go in parts, each has a line of its own (uploads.js).
    if (!names || box.dataset.sendsTo) { names?.remove(); continue; }
    const none = names.textContent;
    box.querySelector("input").addEventListener("change", (event) => {
      names.textContent = [...event.target.files].map((file) => file.name).join("、") || none;
    });
  }
};
dress(document);
document.addEventListener("htmx:load", (event) => dress(event.detail.elt));
