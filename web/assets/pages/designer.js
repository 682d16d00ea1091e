// The page of a draft: edits are sent one after the other, and the answer takes the place of every region that nobody is
// typing in. Scenarios are lived through beside it. The canvas draws what the server says, and sends what was dragged, drawn or deleted.
import "@logicflow/core/es/index.css";
import "../styles/designer.css";
import { draw } from "../scripts/canvas.js";

const DEBOUNCE = 400, LINE = 20;
const root = () => document.getElementById("designer");
const touched = new WeakMap();
let queue = Promise.resolve();
let canvas = null;

// ---- sending --------------------------------------------------------------------------------------------------------------

const refused = (html) => document.querySelector("[data-toasts]").insertAdjacentHTML("beforeend", html);
const offline = () => document.querySelector("[data-toasts]").append(document.querySelector("[data-offline]").content.cloneNode(true));

const ask = async (address, options) => {
  const headers = { "HX-Request": "true", "HX-Current-URL": location.href, Accept: "text/html" };
  const answer = await fetch(address, { ...options, headers, credentials: "same-origin" });
  const html = await answer.text();
  const page = new DOMParser().parseFromString(html, "text/html").getElementById("designer");
  if (page) return page;
  if (answer.headers.get("HX-Redirect")) location.assign(answer.headers.get("HX-Redirect"));
  else refused(html);
  return null;
};

const isTyping = (region) => [...region.querySelectorAll("form")].some((form) => touched.get(form));

const show = (page, isMoved) => {
  const held = document.activeElement;
  const heldId = held?.id, node = held?.closest?.("[data-node]")?.dataset.node;
  for (const next of page.querySelectorAll("[data-region]")) {
    const here = document.getElementById(next.id);
    // A text that is being written, or was refused, is not taken away by opening another panel.
    if (!here || (isTyping(here) && (!isMoved || here.id === "design-text"))) continue;
    const top = here.querySelector("[data-text-scroll]")?.scrollTop ?? 0;
    here.replaceWith(next);
    // The boxes for days are dressed by the script of all pages.
    document.dispatchEvent(new CustomEvent("htmx:load", { detail: { elt: next } }));
    const scroll = next.querySelector("[data-text-scroll]");
    if (scroll) scroll.scrollTop = isMoved ? (Number(scroll.dataset.line) - 2) * LINE : top;
  }
  Object.assign(root().dataset, page.dataset);
  dress();
  if (!document.body.contains(held) || document.activeElement === document.body) {
    const again = heldId && document.getElementById(heldId);
    if (again) again.focus({ preventScroll: true });
    else if (isMoved) document.getElementById("design-panel")?.focus({ preventScroll: true });
  }
  // The canvas draws in its own time.
  if (node) requestAnimationFrame(() => canvas?.focus(node));
};

const send = (data, address = root().dataset.edit) => {
  queue = queue.then(async () => {
    if (data.get("act") !== "panel" || data.get("then")) data.set("at", data.get("act") === "panel" ? data.get("at") : root().dataset.at);
    data.set("revision", root().dataset.revision);
    const before = root().dataset.at;
    try {
      const page = await ask(address, { method: "POST", body: data });
      if (!page) return;
      const isRefused = page.querySelector(".design-problem");
      show(page, page.dataset.at !== before);
      if (isRefused && data.get("act") === "text") touched.set(document.querySelector("[data-text]"), true);
      if (page.dataset.at !== before) history.pushState(null, "", addressOf(page.dataset.at));
    } catch {
      offline();
    }
  });
  return queue;
};

const addressOf = (at) => root().dataset.page + (at ? `?at=${encodeURIComponent(at)}` : "");
const open = (at, isBack) => {
  queue = queue.then(async () => {
    try {
      const page = await ask(addressOf(at), {});
      if (!page) return;
      show(page, true);
      if (!isBack) history.pushState(null, "", addressOf(at));
    } catch {
      offline();
    }
  });
  return queue;
};

const token = () => JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
const act = (name, told = {}) => {
  const data = new FormData();
  data.set("csrf_token", token());
  data.set("act", name);
  for (const [key, value] of Object.entries(told)) for (const one of [value].flat()) data.append(key, one);
  return send(data);
};

const sendForm = (form, button) => {
  const data = new FormData(form);
  if (button?.name) data.set(button.name, button.value);
  touched.delete(form);
  return send(data, form.action);
};

// ---- scenarios are lived through beside the editing ---------------------------------------------------------------------------

let isLiving = false, lived = "";
const live = async () => {
  const address = document.getElementById("design-scenes").dataset.waiting;
  const { revision, at } = root().dataset;
  if (!address || isLiving || lived === revision) return;
  isLiving = true;
  lived = revision;
  const data = new FormData();
  data.set("csrf_token", token());
  data.set("at", at);
  try {
    const page = await ask(address, { method: "POST", body: data });
    await queue;
    isLiving = false;
    // What was edited or opened meanwhile is not taken back.
    const isHere = page?.dataset.revision === root().dataset.revision && at === root().dataset.at;
    if (isHere) show(page, false);
    else if (page) open(root().dataset.at, true);
  } catch {
    isLiving = false;
    offline();
  }
};

// ---- the forms of the page ------------------------------------------------------------------------------------------------

document.addEventListener("input", (event) => {
  const form = event.target.closest?.("#designer form");
  if (form) touched.set(form, true);
});
document.addEventListener("change", (event) => {
  const form = event.target.closest?.("form[data-edits]");
  if (!form || event.target.name?.endsWith("/role") && !form.elements[event.target.name.replace("/role", "/where")].value) return;
  if (form.elements.act.value === "panel" || form.hasAttribute("data-text")) sendForm(form);
});
document.addEventListener("submit", (event) => {
  const form = event.target.closest?.("#designer form");
  if (!form) return;
  event.preventDefault();
  if (!event.submitter?.disabled) sendForm(form, event.submitter);
}, true);
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("#designer a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const at = link.dataset.at ?? (link.closest("#design-drawing") ? new URL(link.getAttribute("href"), location.href).searchParams.get("at") : null);
  if (at === null) return;
  event.preventDefault();
  open(at);
});
addEventListener("popstate", () => open(new URL(location.href).searchParams.get("at") ?? "", true));
document.addEventListener("keydown", (event) => {
  const isText = event.target.matches?.("input:not([type=checkbox]), textarea, select");
  if (isText || !(event.ctrlKey || event.metaKey)) return;
  const wish = event.key.toLowerCase() === "z" && !event.shiftKey ? "undo" : event.key.toLowerCase() === "y" || event.key.toLowerCase() === "z" ? "redo" : "";
  if (!wish) return;
  event.preventDefault();
  const button = document.querySelector(`[data-${wish}] button`);
  if (button && !button.disabled) act(wish);
});

// ---- entries of a list are dragged to another place of it -------------------------------------------------------------------

// "/ladders/0/tiers/0/3" → the list and the place in it.
const placed = (pointer) => [pointer.slice(0, pointer.lastIndexOf("/")), Number(pointer.slice(pointer.lastIndexOf("/") + 1))];
let dragged = "";
const under = (event) => {
  const entry = dragged && event.target.closest?.("#designer [data-place]");
  return entry && placed(entry.dataset.place)[0] === placed(dragged)[0] ? entry : null;
};
const unmark = () => { for (const one of document.querySelectorAll(".is-drop")) one.classList.remove("is-drop"); };
document.addEventListener("dragstart", (event) => {
  const entry = event.target.matches?.("[data-grip]") && event.target.closest("[data-place]");
  if (!entry) return;
  dragged = entry.dataset.place;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", dragged);
  event.dataTransfer.setDragImage(entry, 8, 8);
});
document.addEventListener("dragover", (event) => {
  const entry = under(event);
  if (!entry) return;
  event.preventDefault();
  unmark();
  entry.classList.add("is-drop");
});
document.addEventListener("drop", (event) => {
  const entry = under(event);
  if (!entry) return;
  event.preventDefault();
  const [, place] = placed(entry.dataset.place), then = `to:${dragged}=${place}`, form = entry.closest("form");
  unmark();
  // What is typed in the panel goes with it, as with its buttons.
  if (form?.elements.act?.value === "panel") sendForm(form, { name: "then", value: then });
  else act("then", { then });
});
document.addEventListener("dragend", () => { dragged = ""; unmark(); });

// What is unfolded stays so when its region is drawn anew.
const unfolded = new Set();
document.addEventListener("toggle", (event) => {
  const name = event.target.dataset?.kept;
  if (name) unfolded[event.target.open ? "add" : "delete"](name);
}, true);

// ---- the canvas -----------------------------------------------------------------------------------------------------------

let waiting = 0, moves = new Map();
const moved = (id, x, y) => {
  moves.set(id, `${id}=${Math.round(x)},${Math.round(y)}`);
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    act("places", { place: [...moves.values()] });
    moves = new Map();
  }, DEBOUNCE);
};

const dress = () => {
  for (const one of document.querySelectorAll("[data-without-script]")) one.hidden = true;
  for (const one of document.querySelectorAll("[data-grip]")) one.hidden = false;
  for (const one of document.querySelectorAll("details[data-kept]")) if (unfolded.has(one.dataset.kept)) one.open = true;
  const held = document.querySelector("[data-canvas]");
  const told = document.getElementById("design-graph").dataset.graph;
  if (!canvas && matchMedia("(min-width: 720px)").matches) {
    canvas = draw(held, JSON.parse(held.dataset.words), {
      open: (at) => { if (at !== root().dataset.at) open(at); },
      connect: (source, target) => act("connect", { source, target }),
      remove: (at) => act("then", { then: `remove:${at}` }),
      moved,
    });
    document.getElementById("stage").classList.add("stage-live");
    document.querySelector("[data-zooms]").hidden = false;
    for (const button of document.querySelectorAll("[data-zoom]")) button.addEventListener("click", () => canvas.zoom(button.dataset.zoom));
  }
  canvas?.show(JSON.parse(told), root().dataset.at);
  live();
};
dress();
{
  const scroll = document.querySelector("[data-text-scroll]");
  scroll.scrollTop = (Number(scroll.dataset.line) - 2) * LINE;
}
