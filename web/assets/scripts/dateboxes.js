// A day is typed into a plain box, which the server reads (web/days.py); the browser's own box would speak the browser's language.
// A button beside it opens a calendar of ours with the county's days off, or on a touch screen the device's own.
const told = document.querySelector("[data-day-words]");
const words = JSON.parse(told?.dataset.dayWords ?? "{}");
const language = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang;
const DAY = 86_400_000;
const MOVES = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };
const say = (day, how) => new Intl.DateTimeFormat(language, { timeZone: "UTC", ...how }).format(day);
const inFull = (day) => say(day, { year: "numeric", month: language === "en-GB" ? "short" : "long", day: "numeric" });
const iso = (day) => day.toISOString().slice(0, 10);
// The office's day, whatever the clock of the device is set to.
const today = () => new Date(Math.floor((Date.now() + DAY / 3) / DAY) * DAY);
const inMonth = (day, by) => {
  const last = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + by + 1, 0));
  return new Date(Date.UTC(last.getUTCFullYear(), last.getUTCMonth(), Math.min(day.getUTCDate(), last.getUTCDate())));
};
// A day without its year: the next such day, the last one or this year's, as web/days.py reads it; null for anything else.
const wayOf = { ahead: 1, past: -1 };
const yearless = (box) => {
  const parts = /^(\d{1,2})[-/.月](\d{1,2})[日号號]?$/.exec(box.value.normalize("NFKC").replace(/\s/g, ""));
  const way = wayOf[box.closest("[data-datebox]").getAttribute("data-side")] ?? 0;
  for (let by = 0; parts && by <= (way ? 8 : 0); by += 1) {
    const day = new Date(Date.UTC(today().getUTCFullYear() + way * by, parts[1] - 1, parts[2]));
    if (day.getUTCMonth() === parts[1] - 1 && (day - today()) * way >= 0) return day;
  }
  return null;
};
// The box says how it was read before the form goes, and the key that would send it first completes the day.
const complete = (box) => {
  const day = yearless(box);
  if (day) put(box, day);
  return Boolean(day);
};
const typed = (box) => {
  const parts = /(\d{4})\D*(\d{1,2})\D*(\d{1,2})/.exec(box.value);
  const at = parts ? Date.UTC(parts[1], parts[2] - 1, parts[3]) : Date.parse(`${box.value} UTC`);
  return Number.isNaN(at) ? null : new Date(at);
};
const put = (box, day) => {
  box.value = inFull(day);
  for (const name of ["input", "change"]) box.dispatchEvent(new Event(name, { bubbles: true }));
};
const make = (tag, told = {}, ...inner) => {
  const one = Object.assign(document.createElement(tag), told);
  one.append(...inner);
  return one;
};

let asked;
// Without an answer only weekends are off.
const daysOff = () => asked ??= fetch(told.dataset.daysUrl).then((answer) => answer.json()).catch(() => ({ holidays: {}, makeups: {} }));
const kindOf = (day, off) => {
  if (off.makeups?.[iso(day)] !== undefined) return "work";
  return off.holidays?.[iso(day)] !== undefined ? "holiday" : [0, 6].includes(day.getUTCDay()) ? "off" : "";
};

const cell = (day, at, { box, latest, off, chosen }) => {
  const kind = kindOf(day, off);
  const sign = { work: words.work, holiday: words.off }[kind];
  const button = make("button", { type: "button", className: `month-day${kind ? ` month-${kind}` : ""}`, tabIndex: iso(day) === iso(at) ? 0 : -1 }, String(day.getUTCDate()));
  if (sign) button.dataset.sign = sign;
  const rest = { work: words.is_work, holiday: off.holidays?.[iso(day)], off: words.is_off }[kind] ?? "";
  button.setAttribute("aria-label", `${say(day, { dateStyle: "full" })} ${rest}`.trim());
  if (iso(day) === iso(today())) button.setAttribute("aria-current", "date");
  if (chosen && iso(day) === iso(chosen)) button.setAttribute("aria-pressed", "true");
  button.disabled = Boolean(latest && iso(day) > latest);
  button.dataset.day = iso(day);
  return button;
};

const draw = (dialog, at, how) => {
  const first = inMonth(new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), 1)), 0);
  const monday = new Date(first - ((first.getUTCDay() + 6) % 7) * DAY);
  const turn = (by, name, sign) => {
    const button = make("button", { type: "button", className: "month-turn" }, sign);
    button.setAttribute("aria-label", name);
    button.addEventListener("click", () => { draw(dialog, inMonth(at, by), how); dialog.querySelector(by < 0 ? ".month-turn" : ".month-turn:last-child").focus(); });
    return button;
  };
  const title = make("p", { className: "month-title" }, say(first, { year: "numeric", month: "long" }));
  title.setAttribute("aria-live", "polite");
  const names = make("tr");
  for (let day = 0; day < 7; day += 1) {
    names.append(make("th", { scope: "col", abbr: say(new Date(+monday + day * DAY), { weekday: "long" }) }, say(new Date(+monday + day * DAY), { weekday: "narrow" })));
  }
  const body = make("tbody");
  for (let day = monday; day.getUTCMonth() === first.getUTCMonth() || day < first; ) {
    const week = make("tr");
    for (let place = 0; place < 7; place += 1, day = new Date(+day + DAY)) {
      week.append(make("td", {}, ...(day.getUTCMonth() === first.getUTCMonth() ? [cell(day, at, how)] : [])));
    }
    body.append(week);
  }
  dialog.replaceChildren(
    make("div", { className: "month-head" }, turn(-1, words.before, "‹"), title, turn(1, words.after, "›")),
    make("table", { className: "month" }, make("thead", {}, names), body),
  );
  dialog.at = at;
};

const move = (dialog, to, how) => {
  draw(dialog, to, how);
  dialog.querySelector(`[data-day="${iso(to)}"]`)?.focus();
};
const onKey = (event, dialog, how) => {
  // What lies below neither closes nor moves with the keys of the calendar.
  event.stopPropagation();
  const on = event.target.dataset.day;
  const turned = { PageUp: -1, PageDown: 1 }[event.key];
  if (!on || !(event.key in MOVES || turned)) return;
  event.preventDefault();
  const to = turned ? inMonth(dialog.at, turned) : new Date(+new Date(on) + MOVES[event.key] * DAY);
  if (!how.latest || iso(to) <= how.latest) move(dialog, to, how);
};

const open = async (place, box) => {
  const latest = place.dataset.latest;
  const dialog = make("dialog", { className: "month-dialog" });
  dialog.setAttribute("aria-label", words.choose);
  const how = { box, latest, off: await daysOff(), chosen: typed(box) };
  // Two presses before the days came are one, and a form that has gone meanwhile takes its calendar with it.
  if (!place.isConnected || place.querySelector("dialog")) return;
  const wanted = how.chosen ?? today();
  place.append(dialog);
  draw(dialog, latest && iso(wanted) > latest ? new Date(latest) : wanted, how);
  dialog.addEventListener("keydown", (event) => onKey(event, dialog, how));
  dialog.addEventListener("click", (event) => {
    event.stopPropagation();
    const on = event.target.closest("[data-day]")?.dataset.day;
    if (on) put(box, new Date(on));
    if (on || event.target === dialog) dialog.close();
  });
  dialog.addEventListener("close", () => dialog.remove());
  dialog.showModal();
  const under = place.getBoundingClientRect();
  const left = Math.max(8, Math.min(under.left, innerWidth - dialog.offsetWidth - 8));
  const below = under.bottom + 4 + dialog.offsetHeight <= innerHeight ? under.bottom + 4 : Math.max(8, under.top - dialog.offsetHeight - 4);
  Object.assign(dialog.style, { left: `${left}px`, top: `${below}px` });
  dialog.querySelector("[tabindex='0']")?.focus();
};

const dress = (root) => {
  for (const place of root.querySelectorAll("[data-datebox]:not(.datebox-dressed)")) {
    place.classList.add("datebox-dressed");
    const [box, button] = [place.querySelector("input"), place.querySelector("button")];
    button.hidden = false;
    box.addEventListener("change", () => complete(box));
    box.addEventListener("keydown", (event) => { if (event.key === "Enter" && complete(box)) event.preventDefault(); });
    if (!matchMedia("(pointer: coarse)").matches) {
      button.addEventListener("click", () => open(place, box));
      continue;
    }
    // The device's own box lies unseen over the sign, so that a touch opens what people know.
    const own = make("input", { type: "date", className: "datebox-own", max: place.dataset.latest ?? "" });
    own.setAttribute("aria-label", words.choose);
    own.addEventListener("focus", () => { own.value = typed(box) ? iso(typed(box)) : ""; });
    own.addEventListener("change", (event) => { event.stopPropagation(); if (own.value) put(box, new Date(own.value)); });
    own.addEventListener("input", (event) => event.stopPropagation());
    Object.assign(button, { tabIndex: -1, disabled: true });
    button.setAttribute("aria-hidden", "true");
    place.append(own);
  }
};
if (told) {
  dress(document);
  document.addEventListener("htmx:load", (event) => dress(event.detail.elt));
}
