// Files go in parts before their form does: each with its size and how far it is, from where it broke off when the network comes
// back or the page is opened again. Without this script the form carries the files itself.
import { forget, forgetPlace, keep, keptAt } from "./kept_files.js";
import { shrunk } from "./photographs.js";

// Small enough that a break costs little, and few enough that a long film is not more requests than a session may make.
const PART = 256 * 1024, PARTS = 40;
const SENT = "duban:files-sent";
const PAUSES = [1, 2, 5, 10, 30];
const token = () => JSON.parse(document.body.getAttribute("hx-headers") ?? "{}");
const call = (url, options = {}) => fetch(url, {
  ...options, headers: { ...token(), Accept: "application/json" }, credentials: "same-origin",
});
const saysWhy = async (answer) => {
  const told = await answer.json().catch(() => ({}));
  return [told.title, ...(told.why ?? [])].filter(Boolean).at(-1) ?? "";
};
const waitFor = (seconds) => new Promise((resolve) => {
  const go = () => { clearTimeout(timer); removeEventListener("online", go); resolve(); };
  const timer = setTimeout(go, seconds * 1000);
  addEventListener("online", go);
});

class Refused extends Error {}

class Box {
  constructor(face) {
    this.face = face;
    this.form = face.closest("form");
    this.input = face.querySelector("input");
    this.place = face.dataset.sendsTo;
    this.limit = Number(face.dataset.limit);
    this.words = JSON.parse(face.dataset.uploadWords);
    const field = face.closest(".field");
    this.list = field.querySelector("[data-file-list]");
    this.status = field.querySelector("[data-file-status]");
    this.isRequired = this.input.required;
    this.items = [];
    // Beside the box there may be one that opens the camera.
    for (const input of field.querySelectorAll('input[type="file"]')) {
      input.addEventListener("change", () => this.choose(input));
    }
    // Before htmx, which would send the form without its files.
    this.form.addEventListener("submit", (event) => this.submit(event), true);
    this.form.addEventListener("htmx:afterRequest", (event) => this.takeBack(event.detail.xhr));
    this.restore();
  }

  say(word, told = {}) {
    return Object.entries(told).reduce((said, [key, value]) => said.replace(`{${key}}`, value), this.words[word]);
  }

  size(octets) {
    if (!octets) return "0";
    const mega = octets / 1048576;
    return mega >= 0.1 ? this.say("mega", { n: Number(mega.toFixed(1)) }) : this.say("kilo", { n: Math.max(1, Math.round(octets / 1024)) });
  }

  async restore() {
    // What the server has taken stands in the form by itself, and what it has refused would be refused again.
    const settled = (this.face.dataset.settled ?? "").split(" ");
    for (const one of await keptAt(this.place)) {
      if (one.upload && settled.includes(one.upload)) forget(one.id);
      else this.add({ ...one, said: this.words.kept });
    }
  }

  async choose(input) {
    const files = [...input.files];
    input.value = "";
    for (const file of files) {
      const smaller = await shrunk(file);
      const item = { id: crypto.getRandomValues(new Uint32Array(4)).join("-"), name: file.name, was: file.size, blob: file, upload: "", at: Date.now() };
      if (smaller) Object.assign(item, { blob: smaller, name: `${file.name.replace(/\.[^.]*$/, "")}.jpg` });
      this.add(item);
      if (!item.fault) await keep(item, this.place);
    }
  }

  add(item) {
    const { size } = item.blob;
    if (!size) item.fault = this.words.empty;
    else if (size > this.limit) item.fault = this.say("large", { limit: this.size(this.limit) });
    item.row = document.createElement("li");
    item.row.innerHTML = '<span class="file-name"></span><span class="below"></span><progress max="100" value="0" hidden></progress><button type="button" class="button button-text"></button>';
    const [name, , bar, drop] = item.row.children;
    name.textContent = item.name;
    bar.setAttribute("aria-label", item.name);
    drop.textContent = this.words.drop;
    drop.setAttribute("aria-label", `${this.words.drop} ${item.name}`);
    drop.addEventListener("click", () => this.drop(item));
    this.items.push(item);
    this.list.append(item.row);
    this.tell(item, item.fault ?? item.said ?? "");
    this.refresh();
  }

  tell(item, words = "", come = undefined) {
    const now = item.blob.size ? this.size(item.blob.size) : "";
    const size = item.was > item.blob.size ? this.say("smaller", { was: this.size(item.was), now }) : now;
    item.row.children[1].textContent = [size, words].filter(Boolean).join(this.words.comma);
    const bar = item.row.children[2];
    bar.hidden = come === undefined;
    if (come !== undefined) bar.value = Math.floor((100 * come) / item.blob.size);
  }

  drop(item) {
    item.dropped = true;
    item.row.remove();
    this.items = this.items.filter((one) => one !== item);
    forget(item.id);
    this.refresh();
    this.input.focus();
  }

  refresh() {
    this.list.hidden = !this.items.length;
    this.input.required = this.isRequired && !this.items.length;
    this.status.textContent = "";
  }

  async submit(event) {
    if (!this.items.length || this.form.dataset.sent) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (this.isSending) return;
    const faulty = this.items.find((item) => item.fault);
    if (faulty) {
      this.status.textContent = this.words.faulty;
      faulty.row.querySelector("button").focus();
      return;
    }
    this.isSending = true;
    try {
      for (const item of this.items) if (!item.dropped) await this.send(item);
      this.handIn(event.submitter);
    } catch (refusal) {
      if (!(refusal instanceof Refused)) throw refusal;
      this.status.textContent = refusal.message;
    } finally {
      this.isSending = false;
    }
  }

  handIn(submitter) {
    for (const item of this.items) {
      const told = Object.assign(document.createElement("input"), { type: "hidden", name: "upload", value: item.upload });
      this.form.append(told);
    }
    sessionStorage.setItem(SENT, this.place);
    this.form.dataset.sent = "yes";
    this.status.textContent = "";
    this.form.requestSubmit(submitter);
  }

  // A form that still stands after its answer, or without one, is handed in again with the files that it has then.
  takeBack(answer) {
    if (!this.form.dataset.sent) return;
    delete this.form.dataset.sent;
    if (!answer.status) sessionStorage.removeItem(SENT);
    for (const item of this.items) this.form.querySelector(`input[type="hidden"][name="upload"][value="${item.upload}"]`)?.remove();
  }

  async send(item) {
    for (let failures = 0; !item.dropped;) {
      try {
        const come = await this.come(item);
        this.tell(item, this.say("sending", { come: this.size(come) }), come);
        if (come >= item.blob.size) { this.tell(item, this.words.done, come); return; }
        const part = item.blob.slice(come, come + Math.max(PART, Math.ceil(item.blob.size / PARTS)));
        const answer = await call(`/uploads/${item.upload}?offset=${come}`, { method: "PUT", body: part });
        if (answer.status === 429 && failures < PAUSES.length) {
          await waitFor(PAUSES[failures++]);
          continue;
        }
        if (!answer.ok && ![404, 409].includes(answer.status)) await this.stop(item, answer);
        item.come = answer.ok ? (await answer.json()).offset : undefined;
        failures = 0;
      } catch (trouble) {
        if (trouble instanceof Refused) throw trouble;
        item.come = undefined;
        const seconds = PAUSES[Math.min(failures++, PAUSES.length - 1)];
        this.tell(item, this.words.broken, item.seen ?? 0);
        this.status.textContent = this.words.waiting;
        await waitFor(seconds);
        this.status.textContent = "";
      }
    }
  }

  // How far it came, as the server says where this page does not know; a new upload where there is none.
  async come(item) {
    if (item.come === undefined && item.upload) {
      const answer = await call(`/uploads/${item.upload}`);
      if (answer.ok) item.come = (await answer.json()).offset;
      else if (answer.status === 404) item.upload = "";
      else await this.stop(item, answer);
    }
    if (!item.upload) {
      const body = new URLSearchParams({ name: item.name, size: item.blob.size });
      const answer = await call(this.place, { method: "POST", body });
      if (!answer.ok) await this.stop(item, answer);
      Object.assign(item, { upload: (await answer.json()).upload, come: 0 });
      await keep(item, this.place);
    }
    item.seen = item.come;
    return item.come;
  }

  async stop(item, answer) {
    if (answer.status >= 500) throw new TypeError(answer.statusText);
    const why = (await saysWhy(answer)) || this.words.failed;
    this.tell(item, why);
    throw new Refused(`${item.name}${this.words.colon}${why}`);
  }
}

const ready = (root) => {
  for (const face of root.querySelectorAll("[data-sends-to]")) {
    if (face.dataset.begun) continue;
    face.dataset.begun = "yes";
    new Box(face);
  }
};
// A toast says that what was handed in is kept: the copies on this device have done their work, before a box looks for them.
const sent = sessionStorage.getItem(SENT);
sessionStorage.removeItem(SENT);
let emptied = sent && document.querySelector("[data-toast]") ? forgetPlace(sent) : Promise.resolve();
// A form that was sent in place is told by its answer.
document.addEventListener("htmx:beforeSwap", (event) => {
  const form = event.detail.requestConfig?.elt;
  if (!form?.dataset.sent) return;
  sessionStorage.removeItem(SENT);
  if (event.detail.xhr.status < 400) emptied = forgetPlace(form.querySelector("[data-sends-to]").dataset.sendsTo);
});
emptied.then(() => ready(document));
document.addEventListener("htmx:load", (event) => emptied.then(() => ready(event.detail.elt)));
