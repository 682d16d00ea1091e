// A long form that was half filled in and left is filled in again, by the rules of drafts.js: under the person's own name, until it
// was handed in, dropped, he signs out, or two weeks have passed. What the definition calls secret is never kept on the device.
import { PREFIX, me, read, write } from "./device.js";

const SENT = `${PREFIX}sent-form`;
const UNKEPT = ["hidden", "file", "password", "submit", "button"];
const named = () => `${PREFIX}${me()}:${location.pathname}:form`;
const isTick = (box) => box.type === "checkbox" || box.type === "radio";
const boxes = (form) => [...form.elements].filter((box) => box.name && !UNKEPT.includes(box.type) && !box.closest("[data-secret]"));
const stood = (box) => (box.tagName === "SELECT" ? [...box.options].find((one) => one.defaultSelected)?.value ?? "" : box.defaultValue);
const taken = (form) => boxes(form).filter((box) => !isTick(box) || box.checked).map((box) => [box.name, box.value]);

const give = (form, kept) => {
  for (const box of boxes(form)) {
    const values = kept.filter(([name]) => name === box.name).map(([, value]) => value);
    if (isTick(box)) box.checked = values.includes(box.value);
    else if (values.length) box.value = values[0];
  }
  for (const fold of form.querySelectorAll("details")) {
    if (boxes(form).some((box) => fold.contains(box) && (isTick(box) ? box.checked : box.value !== stood(box)))) fold.open = true;
  }
};

const ready = (form) => {
  const name = named();
  const blank = JSON.stringify(taken(form));
  const said = form.querySelector("[data-draft-said]");
  const kept = read(name);
  // A form that came back with a refusal holds what was typed last.
  if (kept && form.dataset.draftForm === "fresh") {
    give(form, kept);
    said.hidden = false;
    said.querySelector("button").addEventListener("click", () => {
      localStorage.removeItem(name);
      form.reset();
      said.hidden = true;
      form.querySelector("input[type=text]").focus();
    });
  }
  form.addEventListener("input", () => {
    const now = taken(form);
    if (JSON.stringify(now) === blank) localStorage.removeItem(name);
    else write(name, now);
  });
  form.addEventListener("submit", () => sessionStorage.setItem(SENT, name));
};

// The page after a form was sent says with a toast that it was taken; without one the draft stays.
if (document.querySelector("[data-toast]:not([data-stays])")) localStorage.removeItem(sessionStorage.getItem(SENT) ?? "");
sessionStorage.removeItem(SENT);
if (me()) document.querySelectorAll("form[data-draft-form]").forEach(ready);
