// A long form is taken back and done again box by box, before it is sent; every box that was left is one step.
const ready = (form) => {
  const boxes = [...form.elements].filter((box) => box.name && !["hidden", "submit", "button"].includes(box.type));
  const told = (box) => (box.type === "checkbox" ? box.checked : box.value);
  const steps = [boxes.map(told)], buttons = new Map([...form.querySelectorAll("[data-step]")].map((button) => [button.dataset.step, button]));
  let at = 0;
  const dress = () => {
    buttons.get("undo").disabled = at === 0;
    buttons.get("redo").disabled = at === steps.length - 1;
  };
  const go = (to) => {
    if (!(to in steps)) return;
    const changed = boxes.filter((_, n) => steps[at][n] !== steps[to][n]);
    at = to;
    for (const [n, box] of boxes.entries()) box[box.type === "checkbox" ? "checked" : "value"] = steps[at][n];
    dress();
    changed[0]?.focus();
  };
  form.addEventListener("change", () => {
    const now = boxes.map(told);
    if (now.every((one, n) => one === steps[at][n])) return;
    steps.splice(at + 1, Infinity, now);
    at += 1;
    dress();
  });
  for (const [name, button] of buttons) button.addEventListener("click", () => go(name === "undo" ? at - 1 : at + 1));
  form.addEventListener("keydown", (event) => {
    // In a box that is being typed in, the browser takes back letter by letter.
    const isTyping = event.target.matches("textarea, input[type=text]") && told(event.target) !== steps[at][boxes.indexOf(event.target)];
    const key = event.key.toLowerCase();
    if (isTyping || !(event.ctrlKey || event.metaKey) || !["z", "y"].includes(key)) return;
    event.preventDefault();
    go(key === "y" || event.shiftKey ? at + 1 : at - 1);
  });
  form.querySelector("[data-steps-acts]").hidden = false;
};
document.querySelectorAll("form[data-steps]").forEach(ready);
