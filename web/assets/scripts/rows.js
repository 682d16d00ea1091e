// Rows of the ledger and the inbox by keyboard, ticks with the shift key, and the bar that counts what is ticked.
const rows = () => [...document.querySelectorAll("tr[data-href], li[data-href]")].filter((row) => row.offsetParent !== null);
const current = () => document.querySelector(".is-current");
const box = (row) => row?.querySelector("input[type=checkbox][name=case]");
const ticked = () => [...document.querySelectorAll("input[type=checkbox][name=case]:checked")];
const words = JSON.parse(document.querySelector("[data-words]")?.dataset.words ?? "{}");

const move = (by) => {
  const list = rows();
  if (!list.length) return;
  const at = list.indexOf(current());
  const next = list[Math.min(Math.max(at + by, 0), list.length - 1)];
  current()?.classList.remove("is-current");
  next.classList.add("is-current");
  next.querySelector("a[href]")?.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
};

const recount = () => {
  for (const row of rows()) row.classList.toggle("is-picked", Boolean(box(row)?.checked));
  const picked = ticked();
  const bar = document.querySelector("[data-bulk]");
  const whole = document.querySelector("[data-tick-all]");
  if (whole) {
    const boxes = document.querySelectorAll("input[type=checkbox][name=case]").length;
    whole.checked = picked.length > 0 && picked.length === boxes;
    whole.indeterminate = picked.length > 0 && picked.length < boxes;
  }
  if (!bar) return;
  // All that match are chosen as long as every row of the page is ticked; how many each verb fits is known of ticked rows alone.
  const all = bar.querySelector("[data-bulk-all]");
  if (all && document.querySelector("input[type=checkbox][name=case]:not(:checked)")) all.remove();
  else if (all) return;
  bar.hidden = picked.length === 0;
  bar.querySelector("[data-bulk-count]").textContent = (words.picked ?? "{count}").replace("{count}", picked.length);
  for (const count of bar.querySelectorAll("[data-fits]")) {
    const fits = picked.filter((one) => (one.closest("[data-verbs]")?.dataset.verbs ?? "").split(" ").includes(count.dataset.fits));
    const others = picked.length - fits.length;
    const said = (words.fits ?? "{n}").replace("{n}", fits.length).replace("{m}", others);
    count.textContent = fits.length && others ? said : fits.length;
    count.closest("button").disabled = fits.length === 0;
  }
};

const typing = (target) => target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
const keys = {
  ArrowDown: () => move(1),
  ArrowUp: () => move(-1),
  "/": () => document.querySelector("#search, .find input")?.focus(),
  "?": () => document.querySelector("[data-keys]")?.showModal(),
  " ": () => box(current())?.click(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (document.body.dataset.singleKeys === "off" && event.key.length === 1) return;
  const onControl = event.target.closest("button, summary, input, dialog");
  const act = keys[event.key];
  // The arrows scroll a page without rows, and space presses the button that has the focus.
  if (!act || (onControl && event.key === " ") || (event.key.startsWith("Arrow") && !rows().length)) return;
  if (event.key === " " && !box(current())) return;
  event.preventDefault();
  act();
});

let lastTick = null;
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-bulk-clear]")) {
    for (const one of ticked()) one.checked = false;
    recount();
  }
  const tick = event.target.closest("input[type=checkbox][name=case]");
  if (tick && event.shiftKey && lastTick) {
    const boxes = [...document.querySelectorAll("input[type=checkbox][name=case]")];
    const [from, to] = [boxes.indexOf(lastTick), boxes.indexOf(tick)].sort((a, b) => a - b);
    for (const one of boxes.slice(from, to + 1)) one.checked = tick.checked;
  }
  if (tick) lastTick = tick;
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-tick-all]")) {
    for (const one of document.querySelectorAll("input[type=checkbox][name=case]")) one.checked = event.target.checked;
  }
  if (event.target.matches("[data-tick-all], input[name=case]")) recount();
});
// What a step on a row has changed stands in its other cells too.
document.addEventListener("htmx:load", ({ detail: { elt } }) => {
  const told = elt.closest?.("[data-cells]");
  for (const [key, words] of Object.entries(JSON.parse(told?.dataset.cells ?? "{}"))) {
    const cell = told.closest("tr")?.querySelector(`.cell-${key}`);
    if (cell) Object.assign(cell, { textContent: words, title: words });
  }
});
document.addEventListener("htmx:load", recount);
recount();
