// Rows of the ledger and the inbox by keyboard, ticks in ranges, and the bar that counts what is ticked.
const rows = () => [...document.querySelectorAll("tr[data-href], li[data-href]")].filter((row) => row.offsetParent !== null);
const current = () => document.querySelector(".is-current");
const box = (row) => row?.querySelector("input[type=checkbox][name=case]");
const ticked = () => [...document.querySelectorAll("input[type=checkbox][name=case]:checked")];
const words = JSON.parse(document.querySelector("[data-words]")?.dataset.words ?? "{}");

const stand = (row) => {
  current()?.classList.remove("is-current");
  row.classList.add("is-current");
  row.querySelector("a[href]")?.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
  // Whoever opens a row and comes back stands on it again.
  history.replaceState({ ...history.state, row: row.dataset.href }, "");
};
const move = (by) => {
  const list = rows();
  if (!list.length) return;
  const to = list.indexOf(current()) + by;
  stand(list[Math.min(Math.max(to, 0), list.length - 1)]);
  // What lies below the last row goes on from there.
  if (to >= list.length - 1) document.querySelector("#neighbours")?.scrollIntoView({ block: "nearest" });
};
// As many rows as are seen at once, less one that stays in sight.
const screenful = () => {
  const seen = document.querySelector("[data-rows]")?.clientHeight || innerHeight;
  return Math.max(Math.floor(Math.min(seen, innerHeight) / (rows()[0]?.offsetHeight || seen)) - 2, 1);
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

// The rows from where the range began to the current one are ticked; those that the range leaves again are not.
let began = null;
let ranged = [];
const range = () => {
  const list = rows();
  const [from, to] = [list.indexOf(began), list.indexOf(current())].sort((a, b) => a - b);
  const now = list.slice(Math.max(from, 0), to + 1).map(box).filter(Boolean);
  for (const one of ranged) if (!now.includes(one)) one.checked = false;
  for (const one of now) one.checked = true;
  ranged = now;
  recount();
};
const extend = (by) => {
  if (!ranged.length) began = current() ?? rows()[0];
  move(current() ? by : 1);
  range();
};
const tick = () => {
  [began, ranged] = [current(), []];
  box(current())?.click();
};
const tickTo = () => {
  began ??= current();
  range();
};
// All rows of the page; once they are ticked, all that match.
const tickAll = () => {
  const boxes = [...document.querySelectorAll("input[type=checkbox][name=case]")];
  if (boxes.every((one) => one.checked)) return document.querySelector("[data-bulk] [data-bulk-turn=all]")?.click();
  for (const one of boxes) one.checked = true;
  recount();
};
const go = (by) => {
  ranged = [];
  move(by);
};
const press = (wanted) => document.querySelector(wanted)?.click();

const typing = (target) => target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
const keys = {
  ArrowDown: () => go(1),
  ArrowUp: () => go(-1),
  Home: () => go(-rows().length),
  End: () => go(rows().length),
  PageDown: () => go(screenful()),
  PageUp: () => go(-screenful()),
  n: () => press("a[rel=next]"),
  p: () => press("a[rel=prev]"),
  b: () => document.querySelector("[data-bulk]:not([hidden]) button:not([disabled])")?.focus(),
  "/": () => document.querySelector("#search, .find input")?.focus(),
  "?": () => document.querySelector("[data-keys]")?.showModal(),
  " ": tick,
};
const shifted = {
  ArrowDown: () => extend(1),
  ArrowUp: () => extend(-1),
  Home: () => extend(-rows().length),
  End: () => extend(rows().length),
  " ": tickTo,
};

// Ctrl and A chooses rows only where the eyes are on them: elsewhere it marks the page's text, as everywhere.
const choosesAll = (event) =>
  (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "a" &&
  event.target.closest("[data-rows], [data-bulk]") && !typing(event.target);

document.addEventListener("keydown", (event) => {
  if (choosesAll(event)) {
    event.preventDefault();
    tickAll();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (document.body.dataset.singleKeys === "off" && event.key.length === 1) return;
  const onControl = event.target.closest("button, summary, input, dialog");
  const act = (event.shiftKey && shifted[event.key]) || keys[event.key];
  // The keys that move scroll a page without rows or what has opened over it, and space presses the button that has the focus.
  const moves = event.key.length > 1;
  if (!act || (onControl && event.key === " ") || (moves && (!rows().length || event.target.closest("dialog, .popover")))) return;
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
  const one = event.target.closest("input[type=checkbox][name=case]");
  if (one && event.shiftKey && lastTick) {
    const boxes = [...document.querySelectorAll("input[type=checkbox][name=case]")];
    const [from, to] = [boxes.indexOf(lastTick), boxes.indexOf(one)].sort((a, b) => a - b);
    for (const other of boxes.slice(from, to + 1)) other.checked = one.checked;
  }
  if (one) [lastTick, began, ranged] = [one, one.closest("[data-href]"), []];
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
// A row that comes to a band in place stands where the page read anew shows it.
document.addEventListener("htmx:oobAfterSwap", ({ detail: { target } }) => {
  const row = target.matches?.(".band-rows") && target.lastElementChild;
  const next = row && [...target.children].find((other) => other.dataset.order > row.dataset.order);
  if (next) next.before(row);
});
// Rows that have come below the others may be open to steps that those were not.
const moreVerbs = () => {
  const bar = document.querySelector("[data-bulk]");
  for (const verb of document.querySelectorAll("#more-verbs button")) {
    if (bar && !bar.querySelector(`button[value="${CSS.escape(verb.value)}"]`)) bar.querySelector("[data-bulk-clear]").before(verb);
    else verb.remove();
  }
};
document.addEventListener("htmx:load", () => { moreVerbs(); recount(); });
recount();
// So does whoever comes back from a step that he took from a row.
const left = history.state?.row && rows().find((row) => row.dataset.href === history.state.row)
  || rows().find((row) => row.id && location.hash === `#${row.id}`);
if (left) stand(left);
