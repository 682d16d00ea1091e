// A long form that was half filled in and left is filled in again, by the rules of drafts.js: under the person's own name, until it
// was handed in, dropped, he signs out, or two weeks have passed. What the definition calls secret is never kept on the device.
// A form in place that is closed, or that another takes the place of, is filled in again as long as its page stands.
import { PREFIX, me, read, write } from "./device.js";

const SENT = `${PREFIX}sent-form`;
const UNKEPT = ["hidden", "file", "password", "submit", "button"];
const FORMS = "form[data-draft-form], form.form-here";
// The same form opens on a page of its own and in the place of others: it is named by what it does, not by the page.
const named = (form) => `${PREFIX}${me()}:${form.dataset.draftName ?? location.pathname}:form`;
const isTick = (box) => box.type === "checkbox" || box.type === "radio";
const boxes = (form) => [...form.elements].filter((box) => box.name && !UNKEPT.includes(box.type) && !box.closest("[data-secret]"));
const given = (box) => (box.tagName === "SELECT" ? ([...box.options].find((one) => one.defaultSelected) ?? box.options[0])?.value : box.defaultValue);
const isAsGiven = (box) => (isTick(box) ? box.checked === box.defaultChecked : box.value === given(box));
const taken = (form) => boxes(form).filter((box) => !isTick(box) || box.checked).map((box) => [box.name, box.value]);

const onDevice = (form) => {
  const name = named(form);
  return { read: () => read(name), write: (now) => write(name, now), drop: () => localStorage.removeItem(name) };
};
const closed = new Map();
const onPage = (form) => {
  const name = [form.action, ...[...form.querySelectorAll("[name=clock], [name=field], [name=own]")].map((one) => one.value)].join(" ");
  return { read: () => closed.get(name), write: (now) => closed.set(name, now), drop: () => closed.delete(name) };
};
const keptOf = (form) => ("draftForm" in form.dataset ? onDevice(form) : onPage(form));

const give = (form, kept) => {
  for (const box of boxes(form)) {
    const values = kept.filter(([name]) => name === box.name).map(([, value]) => value);
    if (isTick(box)) box.checked = values.includes(box.value);
    else if (values.length) box.value = values[0];
  }
  for (const fold of form.querySelectorAll("details")) {
    if (boxes(form).some((box) => fold.contains(box) && (isTick(box) ? box.checked : !isAsGiven(box)))) fold.open = true;
  }
};

const ready = (form) => {
  const place = keptOf(form);
  const said = form.querySelector("[data-draft-said]");
  const kept = place.read();
  // A form that came back with a refusal holds what was typed last.
  if (kept && form.dataset.draftForm !== "again" && !form.querySelector(".error-summary")) {
    give(form, kept);
    if (said) said.hidden = false;
    said?.querySelector("button").addEventListener("click", () => {
      place.drop();
      form.reset();
      said.hidden = true;
      boxes(form)[0]?.focus();
    });
  }
  if (said) form.addEventListener("submit", () => sessionStorage.setItem(SENT, named(form)));
};

// What is typed before the page has made the form ready is kept too.
document.addEventListener("input", ({ target: { form } }) => {
  if (!me() || !form?.matches(FORMS)) return;
  if (boxes(form).every(isAsGiven)) keptOf(form).drop();
  else keptOf(form).write(taken(form));
});

const settle = () => sessionStorage.removeItem(SENT);
// The page after a form was sent says with a toast that it was taken; without one the draft stays.
if (document.querySelector("[data-toast]:not([data-stays])")) localStorage.removeItem(sessionStorage.getItem(SENT) ?? "");
settle();
const all = (root) => { if (me()) root.querySelectorAll(FORMS).forEach((form) => ready(form)); };
all(document);
document.addEventListener("htmx:load", ({ detail: { elt } }) => {
  if (elt.matches(FORMS)) ready(elt);
  all(elt);
});
// What was sent in place is told by its own answer, or by none.
document.addEventListener("htmx:beforeSwap", ({ detail: { requestConfig, xhr } }) => {
  const form = requestConfig?.elt;
  if (!form?.matches(FORMS)) return;
  settle();
  // A refusal that has no form to come back in is said on the page it began on, and the draft stays.
  if (xhr.status < 400 && !xhr.responseText.includes("data-refused")) keptOf(form).drop();
});
for (const name of ["htmx:sendError", "htmx:timeout"]) document.addEventListener(name, settle);
