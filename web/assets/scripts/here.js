// Forms that open in place: the way back without sending, where the focus goes, and what is said when the network is gone.
let opener = null;
const place = (one) => one?.closest?.("[data-here]");

document.addEventListener("htmx:afterSwap", (event) => {
  const asked = event.detail.requestConfig?.elt;
  const here = event.detail.target;
  if (!here.matches("[data-here]") || !asked?.matches("a")) return;
  if (!place(asked)) opener = asked;
  // Two forms that ask the same thing cannot stand side by side: a label would belong to both.
  const names = [...here.querySelectorAll("[id]")].map((one) => one.id);
  for (const other of document.querySelectorAll("[data-here]")) {
    if (other !== here && names.some((name) => other.querySelector(`[id="${name}"]`))) other.replaceChildren();
  }
  // On a phone what was pressed stands low, and its form below the window.
  bring(here);
});

// A sheet for several at once stands aside while a form that has opened in place asks the same.
const giveWay = () => {
  const asked = new Set([...document.querySelectorAll("[data-here] [name]")].map((one) => one.name));
  for (const sheet of document.querySelectorAll("[data-gives-way]")) {
    sheet.hidden = [...sheet.querySelectorAll("input[id], select, textarea")].some((one) => asked.has(one.name));
  }
};
for (const name of ["htmx:afterSwap", "htmx:afterSettle"]) document.addEventListener(name, giveWay);

const cancel = (form) => {
  const here = place(form);
  if (!here) return;
  here.replaceChildren();
  giveWay();
  if (opener?.isConnected) opener.focus();
};
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-here] [data-cancel]");
  if (!link) return;
  event.preventDefault();
  cancel(link);
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.defaultPrevented && !event.target.closest("input, select, textarea")) cancel(event.target);
});

// What is half written, turned or unfolded elsewhere on the page outlives the step that draws it anew. The window stays where it was, which
// behind a long form is far below: the panel that was pressed in comes back into view, after a step of the case its head, which says
// where the case stands now.
let half = [];
let turned = [];
let opened = [];
let pressed = "";
const bring = (one) => {
  const { top } = one.getBoundingClientRect();
  const bar = parseFloat(getComputedStyle(document.documentElement).scrollPaddingTop);
  const room = parseFloat(getComputedStyle(one).scrollMarginTop);
  if (top < bar + room || top > innerHeight * 0.75) one.scrollIntoView();
};
const boxes = (root) => root.querySelectorAll("textarea[id], input[type=text][id]");
const marks = (root) => [...root.querySelectorAll("input[name=case], .switch input")];
const markOf = (one) => [one.closest("[id]").id, one.name, one.value].join(" ");
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target.id !== "main") return;
  const sent = event.detail.requestConfig?.elt;
  const others = [...boxes(event.detail.target)].filter((box) => box.value !== box.defaultValue && box.form !== sent && !place(box));
  half = others.map((box) => [box.id, box.value]);
  // In the inbox what a refused sheet had chosen comes back ticked.
  turned = marks(event.detail.target).filter((one) => one.checked && (!one.defaultChecked || one.closest(".band-row")) && one.form !== sent).map(markOf);
  opened = [...event.detail.target.querySelectorAll("details[id][open]")].map((one) => one.id);
  pressed = (sent?.closest(".panel[id], #works > [id], .village-foot details[id], .band-row[id], .talk-due[id]")?.id ?? "").replace(/^done-/, "");
});
document.addEventListener("htmx:afterSettle", (event) => {
  const main = event.detail.target;
  if (main?.id !== "main") return;
  for (const [id, value] of half.splice(0)) {
    const box = document.getElementById(id);
    if (box) box.value = value;
  }
  for (const one of marks(main).filter((mark) => turned.includes(markOf(mark)))) {
    one.checked = true;
    one.dispatchEvent(new Event("change", { bubbles: true }));
  }
  for (const id of opened.splice(0)) document.getElementById(id)?.setAttribute("open", "");
  const refused = main.querySelector("[data-focus]");
  // Whoever took back what was done on a row stands on it again.
  const row = document.querySelector(`.band-row[id="${pressed}"] .cell-title a`);
  (refused ?? row ?? main).focus({ preventScroll: true });
  const panel = pressed !== "acts" && document.getElementById(pressed);
  // The title of a page stands below its crumbs: both come into view, and a page that was at its top stays there.
  const head = refused ?? (panel || main.querySelector(".page-head") || main.querySelector("h1"));
  if (head) bring(head);
});

// No answer came: nothing was swapped, so everything typed still stands in its form.
for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, () => {
    const said = document.querySelector("[data-offline]").content.cloneNode(true);
    const toasts = document.querySelector("[data-toasts]");
    for (const old of toasts.querySelectorAll("[data-offline-said]")) old.remove();
    said.firstElementChild.dataset.offlineSaid = "yes";
    toasts.append(said);
    document.dispatchEvent(new CustomEvent("htmx:load", { detail: { elt: toasts } }));
  });
}
