// What is typed while an answer is on its way is never lost: an answer is laid over the page box by box. A box that still holds
// what was sent takes what came; one in which something else stands by now keeps it, and the caret stays where it was.

const UNKEPT = ["hidden", "submit", "button"];
const isTick = (box) => box.type === "checkbox" || box.type === "radio";
const boxes = (root) => [...root.querySelectorAll("input[name], select[name], textarea[name]")].filter((box) => !UNKEPT.includes(box.type));
const isText = (box) => box.id === "source";
const value = (box) => (isTick(box) ? box.checked : box.value);
const given = (box) => {
  if (isTick(box)) return box.defaultChecked;
  if (box.tagName === "SELECT") return ([...box.options].find((one) => one.defaultSelected) ?? box.options[0])?.value ?? "";
  return box.tagName === "TEXTAREA" ? box.defaultValue : (box.defaultValue ?? "").replace(/[\r\n]/g, "");
};

// ---- where a thing stands after an entry of a list was removed or moved -----------------------------------------------------

const placed = (pointer) => [pointer.slice(0, pointer.lastIndexOf("/")), Number(pointer.slice(pointer.lastIndexOf("/") + 1))];
const moves = { up: (at) => at - 1, down: (at) => at + 1, to: (_, place) => Number(place) };

// "/steps/2/do" after "remove:/steps/1" is "/steps/1/do"; null is what has gone.
export const shifted = (pointer, then) => {
  const [, verb, about, place] = /^(\w+):([^=]*)=?(.*)$/.exec(then ?? "") ?? [];
  const [list, from] = placed(about ?? "");
  if (!pointer.startsWith(`${list}/`) || !(verb in moves || verb === "remove")) return pointer;
  const [told, ...inner] = pointer.slice(list.length + 1).split("/"), at = Number(told);
  if (Number.isNaN(at) || Number.isNaN(from)) return pointer;
  if (verb === "remove" && at === from) return null;
  const to = verb === "remove" ? Infinity : moves[verb](from, place);
  const now = at === from ? to : at - (at > from) + (at - (at > from) >= to);
  return [list, now, ...inner].join("/");
};

// ---- one box on the page and in the answer ----------------------------------------------------------------------------------

// A box of a panel by its pointer in the document, so that it is found when its entry has moved; every other by its form.
const where = (box) => {
  const act = box.form?.elements.act?.value ?? "";
  const pointer = act === "panel" ? `${box.form.elements.at.value}/${box.name.replaceAll(".", "/")}` : `${act} ${box.name}`;
  return `${pointer}${isTick(box) ? ` ${box.value}` : ""}`;
};
const moved = (pointer, { then, from, to }) => {
  const found = shifted(pointer, then);
  if (then || from === to || !found?.startsWith(`${from}/`)) return found;
  return from && to ? to + found.slice(from.length) : null;
};

const refused = new WeakSet();
export const refuse = (form) => { if (form) refused.add(form); };
let stood = "";  // the text as it was taken last

// What a form holds when it is sent.
export const holds = (form) => new Map(boxes(form).map((box) => [where(box), value(box)]));
const isOwn = (box, sent) => {
  const base = sent?.get(where(box)) ?? (isText(box) ? stood : refused.has(box.form) ? null : given(box));
  return value(box) !== base;
};
// Is something in it that neither was sent nor came from the office?
export const isOpen = (form, sent) => boxes(form).some((box) => isOwn(box, sent));
export const isRefused = (form) => refused.has(form);

// Where two texts were made of one: the range in which a text differs from it.
const changed = (base, text) => {
  let start = 0, end = 0;
  const most = Math.min(base.length, text.length);
  while (start < most && base[start] === text[start]) start += 1;
  while (end < most - start && base[base.length - 1 - end] === text[text.length - 1 - end]) end += 1;
  return { start, end: base.length - end, put: text.slice(start, text.length - end) };
};
// What is typed into the text stands beside what came; where both have changed one place, what is typed stands, and the other is
// among the steps that can be taken back.
const together = (base, mine, theirs, caret) => {
  const [own, other] = [changed(base, mine), changed(base, theirs)];
  if (other.start === other.end && !other.put) return [mine, 0];
  if (other.end < own.start) return [theirs.slice(0, other.start) + other.put + base.slice(other.end, own.start) + own.put + base.slice(own.end), theirs.length - base.length];
  if (own.end < other.start) return [base.slice(0, own.start) + own.put + base.slice(own.end, other.start) + other.put + base.slice(other.end), caret > other.start + mine.length - base.length ? theirs.length - base.length : 0];
  return [mine, 0];
};

const put = (box, next, sent) => {
  if (box.type === "file") next.replaceWith(box);
  else if (isTick(box)) next.checked = box.checked;
  else if (isText(box)) [next.value, next.dataset.shift] = together(sent?.get(where(box)) ?? stood, box.value, next.value, box.selectionStart);
  else if (next.tagName === "SELECT" && ![...next.options].some((one) => one.value === box.value)) next.append(box.selectedOptions[0].cloneNode(true));
  if (next.tagName === "SELECT" || (!isTick(box) && !isText(box) && box.type !== "file")) next.value = box.value;
};

// ---- a whole region ---------------------------------------------------------------------------------------------------------

// A box that goes with its region fires its change once more: nobody has left it.
export let isLaying = false;
const caretOf = (box) => {
  try {
    return box.selectionStart === null || box.selectionStart === undefined ? null : [box.selectionStart, box.selectionEnd, box.selectionDirection];
  } catch {
    return null;
  }
};
const buttonIn = (root, form, button) =>
  [...root.querySelectorAll("button")].find((one) => one.name === button.name && one.value === button.value && (one.form?.elements.act?.value ?? "") === form && one.textContent === button.textContent);

// The answer's region takes the place of the page's: what is typed, the focus and the caret go over. `how`: what was sent, the
// verb on a list, and the panel before and after.
export const lay = (here, next, how) => {
  const held = here.contains(document.activeElement) ? document.activeElement : null;
  const found = new Map(boxes(next).map((box) => [where(box), box]));
  const counterpart = (box) => found.get(moved(where(box), how));
  const caret = held && caretOf(held), scrolled = held?.scrollTop ?? 0;
  let again = null;
  if (held?.matches("input[name], select[name], textarea[name]") && !UNKEPT.includes(held.type)) again = counterpart(held);
  else if (held?.id) again = next.querySelector(`[id="${CSS.escape(held.id)}"]`);
  else if (held?.name === "then") {
    const [verb, about] = held.value.split(/:(.*)/);
    again = buttonIn(next, held.form?.elements.act?.value ?? "", { name: "then", value: `${verb}:${shifted(about, how.then) ?? ""}`, textContent: held.textContent });
  } else if (held?.tagName === "BUTTON") again = buttonIn(next, held.form?.elements.act?.value ?? "", held);
  for (const box of boxes(here)) if (isOwn(box, how.sent)) { const other = counterpart(box); if (other) put(box, other, how.sent); }
  for (const form of here.querySelectorAll("form")) {
    if (!refused.has(form) || how.sent) continue;
    const other = [...next.querySelectorAll("form")].find((one) => one.elements.act?.value === form.elements.act?.value && one.elements.at?.value === form.elements.at?.value);
    refuse(other);
  }
  const text = next.querySelector("#source");
  if (text && !how.isRefused) stood = text.defaultValue;
  // Its browser knows nothing of what was typed into the box before: that it was left is told by the page.
  if (again && held?.name && !UNKEPT.includes(held.type) && isOwn(held, how.sent)) again.dataset.typed = "1";
  isLaying = true;
  here.replaceWith(next);
  again?.focus({ preventScroll: true });
  isLaying = false;
  if (!again) return held;
  const by = Number(again.dataset.shift ?? 0);
  if (caret && caretOf(again)) again.setSelectionRange(caret[0] + by, caret[1] + by, caret[2]);
  if (scrolled) again.scrollTop = scrolled;
  return null;
};

export const begin = () => { stood = document.getElementById("source").defaultValue; };

// ---- what must not be disturbed ---------------------------------------------------------------------------------------------

let composing = false;
document.addEventListener("compositionstart", () => { composing = true; });
document.addEventListener("compositionend", () => { composing = false; });
// Resolves once nobody is in the middle of a word of an input method, or has a calendar open.
export const atRest = async (root) => {
  while (composing) await new Promise((done) => document.addEventListener("compositionend", () => setTimeout(done), { once: true }));
  const dialog = root.querySelector("dialog[open]");
  if (dialog) await new Promise((done) => dialog.addEventListener("close", done, { once: true }));
};
