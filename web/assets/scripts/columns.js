// The columns of the ledger are put in order where they stand; without this script each move is sent by itself.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-columns] [data-move]");
  if (!button) return;
  event.preventDefault();
  const item = button.closest("li");
  const beside = button.dataset.move === "up" ? item.previousElementSibling : item.nextElementSibling;
  if (!beside) return;
  if (button.dataset.move === "up") beside.before(item);
  else beside.after(item);
  button.focus();
});
