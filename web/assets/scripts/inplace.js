// The form behind a link opens under its row, without leaving the page; without this script the link leads to it.
const opened = () => document.querySelector(".row-form");
const linkOf = () => document.querySelector("[data-inplace][aria-expanded=true]");

const close = () => {
  const link = linkOf();
  opened()?.remove();
  link?.setAttribute("aria-expanded", "false");
  return link;
};

// The heading of a page becomes one of a row.
const lowered = (form) => {
  const old = form.querySelector("h1");
  if (!old) return form;
  const heading = document.createElement("h3");
  heading.textContent = old.textContent;
  heading.tabIndex = -1;
  old.replaceWith(heading);
  return form;
};

const open = async (link) => {
  const answer = await fetch(link.href, { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const form = answer.ok && page.querySelector("main form.form");
  if (!form) {
    location.assign(link.href);
    return;
  }
  close();
  const holder = document.createElement("li");
  holder.className = "row-form";
  holder.append(lowered(document.importNode(form, true)));
  link.closest("li").after(holder);
  link.setAttribute("aria-expanded", "true");
  holder.dispatchEvent(new CustomEvent("htmx:load", { bubbles: true, detail: { elt: holder } }));
  holder.querySelector("h3")?.focus();
};

document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const link = event.target.closest("a[data-inplace]");
  const leaving = event.target.closest(".row-form .acts a");
  if (!link && !leaving) return;
  event.preventDefault();
  const was = opened() && close();
  if (leaving || was === link) was?.focus();
  else open(link).catch(() => location.assign(link.href));
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && event.target.closest(".row-form")) close()?.focus();
});
