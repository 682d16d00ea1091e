// An @ in a remark offers the people who may read the case, from the list that stands below the box.
const AT = /[@＠]([^\s@＠]{0,12})$/;
const boxOf = (one) => one.closest?.("form[data-mentions] textarea");
const listOf = (box) => box.form.querySelector("[role=listbox]");
const options = (box) => [...box.form.querySelectorAll("select[name=mention] option[data-name]")];

const shut = (box) => {
  listOf(box)?.remove();
  box.removeAttribute("aria-activedescendant");
  box.removeAttribute("aria-controls");
};

const pick = (box, option) => {
  const before = box.value.slice(0, box.selectionStart).replace(AT, `@${option.dataset.name} `);
  const after = box.value.slice(box.selectionStart);
  box.value = before + after;
  box.setSelectionRange(before.length, before.length);
  const meant = document.createElement("input");
  Object.assign(meant, { type: "hidden", name: "meant", value: option.value });
  box.form.append(meant);
  shut(box);
  box.focus();
};

const point = (box, to) => {
  for (const one of listOf(box).children) one.setAttribute("aria-selected", String(one === to));
  box.setAttribute("aria-activedescendant", to.id);
  to.scrollIntoView({ block: "nearest" });
};

const offer = (box) => {
  shut(box);
  const typed = AT.exec(box.value.slice(0, box.selectionStart));
  if (!typed) return;
  const found = options(box).filter((option) => option.dataset.name.startsWith(typed[1])).slice(0, 6);
  if (!found.length) return;
  const list = document.createElement("ul");
  Object.assign(list, { id: "mention-list", className: "mention-list" });
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", box.form.querySelector("label[for=f-mention]").firstChild.textContent);
  for (const option of found) {
    const one = document.createElement("li");
    one.id = `mention-${option.value}`;
    one.setAttribute("role", "option");
    one.textContent = `${option.textContent} ${option.parentElement.label ?? ""}`;
    one.addEventListener("mousedown", (event) => { event.preventDefault(); pick(box, option); });
    one.option = option;
    list.append(one);
  }
  box.after(list);
  box.setAttribute("aria-controls", list.id);
  point(box, list.firstElementChild);
};

document.addEventListener("input", (event) => { const box = boxOf(event.target); if (box) offer(box); });
// Whoever types faster than the list comes is offered it when it is there.
document.addEventListener("htmx:afterSettle", (event) => {
  const box = event.target.closest?.("form[data-mentions]")?.querySelector("textarea");
  if (box && document.activeElement === box) offer(box);
});
document.addEventListener("focusout", (event) => { const box = boxOf(event.target); if (box) shut(box); });
document.addEventListener("keydown", (event) => {
  const box = boxOf(event.target);
  const list = box && listOf(box);
  if (!list) return;
  const rows = [...list.children];
  const at = rows.findIndex((one) => one.getAttribute("aria-selected") === "true");
  const does = {
    ArrowDown: () => point(box, rows[(at + 1) % rows.length]),
    ArrowUp: () => point(box, rows[(at + rows.length - 1) % rows.length]),
    Enter: () => pick(box, rows[at].option),
    Tab: () => pick(box, rows[at].option),
    Escape: () => shut(box),
  }[event.key];
  if (!does) return;
  event.preventDefault();
  does();
});
