// The page of a draft: edits are sent one after the other, and each answer is laid over what is typed meanwhile. Scenarios are
// lived through beside it. The canvas draws what the server says, and sends what was dragged, drawn or deleted.
import "@logicflow/core/es/index.css";
import "../styles/designer.css";
import { draw } from "../scripts/canvas.js";
import { findText, keepText, offerText } from "../scripts/left_text.js";
import { atRest, begin, holds, isLaying, isOpen, isRefused, lay, refuse, shifted } from "../scripts/merging.js";

const DEBOUNCE = 400, LINE = 20;
const root = () => document.getElementById("designer");
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

const hasProblem = (page) => Boolean(page.querySelector(".design-problem"));
const panelForm = (page = document) => page.querySelector("#design-panel form[data-edits] input[name=act][value=panel]")?.form ?? null;

// The answer to what was sent, laid over the page; `sent` is what the form held, `then` the verb on a list.
const show = (page, { sent, then, act, isAsked } = {}) => {
  const from = root().dataset.at, to = page.dataset.at, isMoved = isAsked || from !== to;
  const node = document.activeElement?.closest?.("[data-node]")?.dataset.node;
  const how = { sent, then, from, to, isRefused: hasProblem(page) };
  let lost = null;
  for (const next of page.querySelectorAll("[data-region]")) {
    const here = document.getElementById(next.id);
    if (!here) continue;
    const top = here.querySelector("[data-text-scroll]")?.scrollTop ?? 0;
    lost = lay(here, next, how) ?? lost;
    // The boxes for days are dressed by the script of all pages.
    document.dispatchEvent(new CustomEvent("htmx:load", { detail: { elt: next } }));
    const scroll = next.querySelector("[data-text-scroll]");
    if (scroll) scroll.scrollTop = isMoved ? (Number(scroll.dataset.line) - 2) * LINE : top;
  }
  Object.assign(root().dataset, page.dataset);
  if (how.isRefused && act === "panel") refuse(panelForm());
  dress();
  if (document.activeElement === document.body && (lost || isMoved)) document.getElementById("design-panel")?.focus({ preventScroll: true });
  // The canvas draws in its own time.
  if (node) requestAnimationFrame(() => canvas?.focus(node));
};

// What was typed in a panel while another was being opened is sent before it goes; the page as it stands then.
const LEAVING = ["open", "connect", "state", "record", "mend"];
const kept = async (page, { sent, then, act }) => {
  const isLeft = LEAVING.includes(act) || then?.startsWith("add:");
  for (let form = panelForm(), held = sent; page && page.dataset.at !== root().dataset.at && isLeft && form && !isRefused(form) && isOpen(form, held);) {
    const data = new FormData(form), at = page.dataset.at;
    data.set("revision", page.dataset.revision);
    held = holds(form);
    const answer = await ask(root().dataset.edit, { method: "POST", body: data });
    if (!answer || hasProblem(answer)) return answer;
    page = await ask(addressOf(at), {});
    await atRest(root());
  }
  return page;
};

const inTurn = (work) => {
  pending += 1;
  queue = queue.then(work).catch(offline).finally(() => { pending -= 1; });
  return queue;
};
let pending = 0;
// The verbs on lists that wait: what is done before them moves what they are about.
const waitingThens = new Set();

const post = async (data, address, told) => {
  if (data.get("act") !== "panel" || told.then) data.set("at", data.get("act") === "panel" ? data.get("at") : root().dataset.at);
  data.set("revision", root().dataset.revision);
  const before = root().dataset.at, act = told.then ? "then" : data.get("act");
  let page = await ask(address, { method: "POST", body: data });
  if (!page) return;
  await atRest(root());
  page = await kept(page, { ...told, act });
  if (!page) return;
  if (told.then && !hasProblem(page)) for (const other of waitingThens) other.then = moveThen(other.then, told.then);
  show(page, { ...told, act: data.get("act") });
  if (page.dataset.at !== before) history.pushState(null, "", addressOf(page.dataset.at));
};
const moveThen = (then, done) => {
  const [verb, about] = (then ?? "").split(/:(.*)/), [pointer, place] = (about ?? "").split("=");
  const now = then && shifted(pointer, done);
  return now === null || !then ? null : `${verb}:${now}${place === undefined ? "" : `=${place}`}`;
};

const send = (data, address = root().dataset.edit) => {
  const told = { then: data.get("then") ?? undefined }, isVerb = Boolean(told.then);
  if (isVerb) waitingThens.add(told);
  return inTurn(async () => {
    waitingThens.delete(told);
    if (isVerb && !told.then) return;  // What it was about has gone meanwhile.
    if (isVerb) data.set("then", told.then);
    await post(data, address, told);
  });
};

const addressOf = (at) => root().dataset.page + (at ? `?at=${encodeURIComponent(at)}` : "");
const open = (at, isBack) => inTurn(async () => {
  let page = await ask(addressOf(at), {});
  await atRest(root());
  page = page && await kept(page, { act: "open" });
  if (!page) return;
  show(page, { isAsked: at !== root().dataset.at || !isBack });
  if (!isBack) history.pushState(null, "", addressOf(page.dataset.at));
});

const token = () => JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
const act = (name, told = {}) => {
  const data = new FormData();
  data.set("csrf_token", token());
  data.set("act", name);
  for (const [key, value] of Object.entries(told)) for (const one of [value].flat()) data.append(key, one);
  return send(data);
};

// A form is read when its turn comes, so that what was typed since goes with it and nothing is sent that an answer has moved.
const sendForm = (form, button) => {
  const name = form.elements.act?.value, told = { then: button?.name === "then" ? button.value : form.elements.then?.value };
  if (told.then) waitingThens.add(told);
  const isVerb = Boolean(told.then);
  return inTurn(async () => {
    waitingThens.delete(told);
    if (isVerb && !told.then) return;
    const now = form.isConnected ? form : name === "panel" ? panelForm() : name === "text" ? textForm() : form;
    if (!now || (!form.isConnected && name === "panel" && !isVerb && !isOpen(now))) return;
    const data = new FormData(now);
    if (button?.name) data.set(button.name, button.value);
    if (isVerb) data.set("then", told.then);
    await post(data, form.action, { then: told.then, sent: holds(now) });
  });
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
    await atRest(root());
    isLiving = false;
    // What was edited or opened meanwhile is not taken back.
    const isHere = page?.dataset.revision === root().dataset.revision && at === root().dataset.at;
    if (isHere) show(page);
    else if (page) open(root().dataset.at, true);
  } catch {
    isLiving = false;
    offline();
  }
};

// ---- the forms of the page ------------------------------------------------------------------------------------------------

document.addEventListener("change", (event) => {
  const form = event.target.closest?.("form[data-edits]");
  if (!form || isLaying || event.target.name?.endsWith("/role") && !form.elements[event.target.name.replace("/role", "/where")].value) return;
  delete event.target.dataset.typed;
  if (form.elements.act.value === "panel" || form.hasAttribute("data-text")) sendForm(form);
});
document.addEventListener("focusout", (event) => {
  const { target } = event, isLeft = !isLaying && target.dataset?.typed && target.form?.matches("form[data-edits]");
  if (!isLeft) return;
  delete target.dataset.typed;
  sendForm(target.form);
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
// Whoever goes to another page goes once all was kept.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (!link || !pending || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || link.target || link.hasAttribute("download")) return;
  event.preventDefault();
  queue.then(() => location.assign(link.href));
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

const textForm = () => document.querySelector("form[data-text]");
const dress = () => {
  keepText(isOpen(textForm()));
  offerText();
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
begin();
findText();
dress();
document.addEventListener("input", (event) => { if (event.target.id === "source") keepText(isOpen(textForm())); });
// A line that was down takes what is still typed; whoever goes before it was kept is asked.
const unkept = () => [panelForm(), textForm()].filter((form) => form && isOpen(form));
addEventListener("online", () => unkept().forEach((form) => sendForm(form)));
addEventListener("beforeunload", (event) => { if (pending || unkept().some((form) => !isRefused(form))) event.preventDefault(); });
{
  const scroll = document.querySelector("[data-text-scroll]");
  scroll.scrollTop = (Number(scroll.dataset.line) - 2) * LINE;
}
