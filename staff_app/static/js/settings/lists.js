// Services, people, hours and ranking: what a store has several of.

import { deskPath } from "../session.js";
import { h, icon, now } from "../shared.js";
import { className } from "../words.js";
import { button, field, named, several, tick, w, words } from "./fields.js";
import { label, labels } from "./parts.js";

/** @typedef {import("./screen.js").SettingsScreen} Screen */

export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const ICONS = ["advice", "payment", "collection", "repair", "computer", "phone", "tv", "audio", "appliance", "camera", "gaming", "kitchen", "home", "person"];

/** @param {Screen} screen */
export function services({ draft, measured }) {
  return [
    h("p", { class: "quiet" }, w("services_lead")),
    ...Object.entries(draft.now.services).map(([id, service]) => h("details", { class: "set-item card", open: Object.keys(draft.now.services).length < 3 || !draft.before.services[id], "data-service": id },
      h("summary", {}, h("b", { class: "set-letter" }, service.letter), " ", label(service, id)),
      words(draft, ["services", id, "labels"], w("f_labels"), { required: true, maxlength: 60 }),
      h("div", { class: "set-row" },
        field(draft, ["services", id, "letter"], { ...named("letter"), pattern: "[A-Z]{1,2}", required: true, maxlength: 2 }),
        field(draft, ["services", id, "icon"], { kind: "choice", ...named("icon"), options: [["", w("no_icon")], ...icons(service.icon).map((name) => /** @type {[string, string]} */ ([name, w(`icon_${name}`)]))] })),
      field(draft, ["services", id, "learn"], { kind: "bool", ...named("learn") }),
      h("div", { class: "set-row" },
        field(draft, ["services", id, "typical_s"], { kind: "minutes", ...named("typical_s"), min: 0.1, max: 480, required: true }),
        field(draft, ["services", id, "doubt_after_s"], { kind: "minutes", ...named("doubt_after_s"), min: 1, max: 1440, required: true }),
        field(draft, ["services", id, "walking_s"], { kind: "seconds", ...named("walking_s"), min: 0, max: 900, required: true })),
      measured[id] && h("p", { class: "small quiet set-measured" }, icon("clock"), w("measured", { typical: minutes(measured[id].typical_s), doubt: minutes(measured[id].doubt_after_s), walk: Math.round(measured[id].walking_s) })),
      Object.keys(draft.now.services).length > 1 && button("remove-service", w("remove_service"), { "data-id": id, class: "btn btn-stop" }))),
    button("add-service", w("add_service"), { class: "btn btn-main" }),
  ];
}

/** The icons to choose from, with the one in use. @param {string} now */
const icons = (now) => (now && !ICONS.includes(now) ? [now, ...ICONS] : ICONS);

/** @param {number} s */
const minutes = (s) => (s / 60).toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 });

/** @param {Screen} screen */
export function people(screen) {
  const { draft, accounts } = screen;
  return [
    h("p", { class: "quiet" }, w("people_lead")),
    ...Object.entries(draft.now.salespeople).map(([id, person]) => h("details", { class: "set-item card", open: !draft.before.salespeople[id], "data-person": id },
      h("summary", {}, h("b", {}, person.name || w("new_person")), " ", h("span", { class: "small quiet" }, about(draft, person))),
      h("div", { class: "set-row" },
        field(draft, ["salespeople", id, "name"], { ...named("person_name"), required: true, maxlength: 40 }),
        field(draft, ["salespeople", id, "desk"], { ...named("desk"), maxlength: 12 }),
        whenChanged(field(draft, ["salespeople", id, "role"], { kind: "choice", ...named("role"), options: ["salesperson", "read_only", "manager", "region", "admin"].map((role) => [role, w(`role_${role}`)]) }), screen.redraw)),
      person.role !== "salesperson" && atDesks(screen, id, person),
      several(draft, ["salespeople", id, "skills"], w("f_skills"), labels(draft.now.services)),
      shifts(draft, id, person),
      pin(draft, id, accounts),
      button("remove-person", w("remove_person"), { "data-id": id, class: "btn btn-stop" }))),
    button("add-person", w("add_person"), { class: "btn btn-main" }),
    h("p", { "data-changes": "" }, h("a", { href: deskPath("/manager/access") }, w("to_access"))),
  ];
}

/** What only a role with a desk has: further stores, and a company account. @param {Screen} screen @param {string} id @param {any} person */
function atDesks({ draft, reached, sso, store: home }, id, person) {
  const further = reached.filter(({ store }) => store !== home);
  return h("div", { class: "stack stack-s" },
    further.length > 0 && several(draft, ["salespeople", id, "stores"], w("f_stores"), further.map(({ store, name }) => [store, name])),
    (sso || person.sso) && field(draft, ["salespeople", id, "sso"], { ...named("sso"), optional: true, maxlength: 200 }));
}

/** @param {HTMLElement} field @param {() => void} change */
function whenChanged(field, change) {
  field.addEventListener("change", () => change());
  return field;
}

/** @param {import("./draft.js").Draft} draft @param {any} person */
function about(draft, person) {
  const can = person.skills.map((/** @type {string} */ id) => draft.now.services[id] && label(draft.now.services[id], id)).filter(Boolean).join(", ");
  return [person.role === "salesperson" ? "" : w(`role_${person.role}`), can, person.desk].filter(Boolean).join(" · ");
}

/** A PIN for somebody who is saved; one who has none cannot sign in. @param {import("./draft.js").Draft} draft @param {string} id @param {Map<string, boolean>} accounts */
function pin(draft, id, accounts) {
  if (!draft.before.salespeople[id]) return h("p", { class: "small quiet" }, w("pin_after_saving"));
  const input = h("input", { type: "password", inputmode: "numeric", pattern: "[0-9]{4,8}", autocomplete: "new-password", id: `pin-${id}`, "data-pin": id, title: w("pin_format"), class: "entry" });
  return h("div", { class: "set-pin", "data-changes": "" }, h("label", { for: `pin-${id}` }, w(accounts.get(id) ? "pin_new" : "pin_first")), input, button("set-pin", w("set_pin"), { "data-id": id }));
}

/** Two times of day. @param {import("./draft.js").Draft} draft @param {(string|number)[]} path @param {string} name of what lies between @param {string[]} words */
const fromTo = (draft, path, name, words) => words.map((word, n) => {
  const one = field(draft, [...path, n], { kind: "time", label: w(word), required: true });
  one.querySelector("input")?.setAttribute("aria-label", `${name}, ${w(word)}`);
  return one;
});

/** When somebody usually works; for estimates, appointments and the lab: they sign on and off themselves. @param {import("./draft.js").Draft} draft @param {string} id @param {any} person */
const shifts = (draft, id, person) => h("fieldset", { class: "set-shifts" }, h("legend", {}, w("f_shifts")), h("p", { class: "small quiet" }, w("h_shifts")),
  ...person.shifts.map((/** @type {any} */ _, /** @type {number} */ n) => h("div", { class: "set-shift" }, fromTo(draft, ["salespeople", id, "shifts", n], w("f_shifts"), ["begins", "ends"]),
    button("remove-shift", w("remove"), { "data-id": id, "data-place": n }))),
  button("add-shift", w("add_shift"), { "data-id": id }));

/** @param {Screen} screen */
export function hours({ draft, redraw }) {
  const today = new Date(now() * 1000).toLocaleDateString("sv", { timeZone: draft.before.zone }); // the day mostly meant
  const span = (/** @type {(string|number)[]} */ path, /** @type {string} */ name) => fromTo(draft, path, name, ["opens", "closes"]);
  const row = (/** @type {string} */ day) => h("li", { "data-day": day },
    tick(Boolean(draft.now.hours[day]), dayName(day), `hours.${day}`, (on) => (draft.set(["hours", day], on ? ["10:00", "19:30"] : undefined), redraw())),
    draft.now.hours[day] ? span(["hours", day], dayName(day)) : h("span", { class: "quiet" }, w("day_off")));
  const special = Object.keys(draft.now.special ?? {}).sort();
  const like = DAYS.find((day) => draft.now.hours[day]);
  return [
    h("ul", { class: "set-days" }, ...DAYS.map(row)),
    like && h("p", {}, button("same-hours", w("same_hours", { day: dayName(like) }), { "data-day": like })),
    h("h3", {}, w("exceptions")),
    h("p", { class: "small quiet" }, w("exceptions_lead")),
    h("ul", { class: "set-days" },
      ...draft.now.closed_on.map((/** @type {string} */ day) => h("li", { "data-day": day }, h("b", {}, longDate(day)), h("span", { class: "quiet" }, w("closed_all_day")), button("remove-day", w("remove"), { "data-id": day }))),
      ...special.map((day) => h("li", { "data-day": day }, h("b", {}, longDate(day)), span(["special", day], longDate(day)), button("remove-day", w("remove"), { "data-id": day })))),
    h("div", { class: "set-row", "data-changes": "" },
      h("div", { class: "field set-field" }, h("label", { for: "new-day" }, w("date")), h("input", { type: "date", id: "new-day", value: today })),
      button("add-day", w("add_closed"), { "data-closed": "true" }), button("add-day", w("add_special"))),
    field(draft, ["day_ends"], { kind: "time", ...named("day_ends"), required: true }),
  ];
}

/** @param {string} day */
export const dayName = (day) => new Date(Date.UTC(2026, 5, 1 + DAYS.indexOf(day))).toLocaleDateString(document.documentElement.lang, { weekday: "long", timeZone: "UTC" });

/** @param {string} iso */
const longDate = (iso) => new Date(`${iso}T12:00:00Z`).toLocaleDateString(document.documentElement.lang, { weekday: "long", day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });

/** @param {Screen} screen */
export function ranking({ draft, classNames }) {
  return [
    h("p", {}, w("ranking_lead")),
    h("h3", {}, w("by_service")),
    ...Object.entries(draft.now.services).map(([id, service]) => h("fieldset", { class: "set-item" }, h("legend", {}, label(service, id)), h("div", { class: "set-row" },
      field(draft, ["services", id, "rank"], { kind: "number", ...named("rank"), min: 1, max: 9, step: 1, required: true }),
      field(draft, ["services", id, "head_start_s"], { kind: "minutes", ...named("head_start"), min: 0, max: 240, required: true })))),
    h("h3", {}, w("by_class")),
    h("p", { class: "small quiet" }, w("classes_lead")),
    ...Object.keys(draft.now.classes).map((id) => h("fieldset", { class: "set-item", "data-class": id }, h("legend", {}, className(id, draft.now.class_labels)),
      words(draft, ["class_labels", id], w("f_labels"), { maxlength: 40, unsaid: (language) => Object.values(draft.now.class_labels?.[id] ?? {})[0] || classNames[id]?.[language] }),
      h("div", { class: "set-row" }, field(draft, ["classes", id], { kind: "minutes", ...named("head_start"), min: 0, max: 240, required: true }), button("remove-class", w("remove"), { "data-id": id })))),
    h("div", { class: "set-row", "data-changes": "" }, h("div", { class: "field set-field" }, h("label", { for: "new-class" }, w("new_class")), h("input", { id: "new-class", maxlength: 30 })), button("add-class", w("add_class"))),
  ];
}
