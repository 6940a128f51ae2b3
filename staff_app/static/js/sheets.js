// Choices that need one tap more: why not, to whom, how long, what else, my duty. One <dialog>, filled anew.

import { actionsFor } from "./actions.js";
import { noteOf } from "./hand.js";
import { canTell } from "./pocket.js";
import { find, h, has, icon, language, redrawn, t } from "./shared.js";
import { serviceName } from "./words.js";

/** @typedef {import("./actions.js").StaffView} StaffView */

const REASONS = ["busy", "language", "skill", "break", "known"];
const TO_READ = ["appointments", "mine", "menu"]; // nothing is asked there, so nothing can be called off
const BREAKS_MIN = [10, 15, 20, 30, 45, 60];

/**
 * Show the choice for a verb. Its buttons carry `data-action` and what goes with the tap; the page's one click
 * listener does the rest and closes the sheet.
 * @param {string} verb @param {StaffView} view @param {{sound: boolean, languages: string[]}} prefs
 */
export function openSheet(verb, view, prefs) {
  fillSheet(verb, SHEETS[verb](view, view.offer ?? view.card, prefs));
}

/**
 * Several next steps, one after the other: a tap puts a service at the end or takes it out again.
 * @param {StaffView} view @param {string[]} chosen
 */
export function openSteps(view, chosen) {
  const held = view.card;
  fillSheet("finish-several", [
    title(t("staff.finish_then_title", { number: held.number })), text(t("staff.finish_several_text")),
    choices(...others(view, held).map((/** @type {any} */ s) => step(serviceName(view, s.id), s.id, chosen.indexOf(s.id) + 1))),
    chosen.length > 0 && choices(choice("finish-as", t("staff.finish_several_go", { services: chosen.map((s) => serviceName(view, s)).join(", ") }),
      { ticket: held.ticket, steps: chosen.join(" ") }, "btn-main")),
  ]);
}

/** Show these parts in the one sheet, with a way out. @param {string} name @param {(Node|false|null)[]} parts */
export function fillSheet(name, parts) {
  const sheet = /** @type {HTMLDialogElement} */ (find("#sheet"));
  sheet.dataset.sheet = name;
  redrawn(sheet, () => sheet.replaceChildren(...parts.filter((part) => part instanceof Node), wayOut(name)), "textarea, button");
  sheet.querySelector("h2")?.setAttribute("id", "sheet-title");
  if (!sheet.open) sheet.showModal();
}

/** Whether this is the sheet one looks at: an answer that comes late must not take the place of another. @param {string} name */
export function stillOpen(name) {
  const sheet = /** @type {HTMLDialogElement} */ (find("#sheet"));
  return sheet.open && sheet.dataset.sheet === name;
}

/** Why nothing can be shown, in this person's words. @param {any} problem */
export const whyNot = (problem) => (problem.code === "offline" ? t("staff.not_now") : has(`errors.${problem.code}`) ? t(`errors.${problem.code}`, problem.facts) : problem.message);

/** Put it away, whether or not it was open. */
export function closeSheet() {
  const sheet = /** @type {HTMLDialogElement} */ (find("#sheet"));
  if (sheet.open) sheet.close();
}

/** @param {string} name */
const wayOut = (name) => h("button", { type: "button", class: "btn btn-plain btn-wide", "data-action": "close-sheet" }, t(TO_READ.includes(name) ? "staff.close" : "staff.cancel"));

/** @type {Record<string, (view: StaffView, held: any, prefs: {sound: boolean, languages: string[]}) => (Node|false|null)[]>} */
const SHEETS = {
  decline: (_view, held) => [
    title(t("staff.decline_title", { number: held.number })), text(t("staff.decline_text")),
    choices(...REASONS.map((reason) => choice("decline-as", t(`staff.decline_${reason}`), { ticket: held.ticket, reason }))),
  ],
  void: (_view, held) => [
    title(t("staff.void_title", { number: held.number })), text(t("staff.void_text")),
    choices(...["duplicate", "test"].map((reason) => choice("void-as", t(`staff.void_${reason}`), { ticket: held.ticket, reason }, "btn-stop"))),
  ],
  transfer: (view, held) => [
    title(t("staff.transfer_title", { number: held.number })), text(t("staff.transfer_text")),
    colleagues(view, held),
    heading(t("staff.transfer_service")),
    choices(...others(view, held).map((/** @type {any} */ s) => choice("transfer-to", serviceName(view, s.id), { ticket: held.ticket, service: s.id }))),
  ],
  "finish-then": (view, held) => [
    title(t("staff.finish_then_title", { number: held.number })), text(t("staff.finish_then_text")),
    choices(...others(view, held).map((/** @type {any} */ s) => choice("finish-as", serviceName(view, s.id), { ticket: held.ticket, steps: s.id })),
      others(view, held).length > 1 && choice("finish-several", t("staff.finish_several"), {}),
      choice("finish-as", t("staff.finish_nothing"), { ticket: held.ticket, steps: "" })),
  ],
  pause: () => [
    title(t("staff.pause_title")), text(t("staff.pause_text")),
    h("div", { class: "choices choices-grid" }, ...BREAKS_MIN.map((n) => choice("pause-for", t("staff.minutes", { n }), { minutes: n }))),
    choices(choice("pause-for", t("staff.pause_open"), {})),
  ],
  more: (view, held) => [
    title(held.number),
    choices(...actionsFor(view).more.map((a) => choice(a.verb, t(`staff.${a.label}`), { ticket: held.ticket }, a.look === "stop" ? "btn-stop" : ""))),
  ],
  note: (view, held) => [title(t("staff.note_title", { number: held.number })), text(t("staff.note_text")), noteField(held),
    choices(choice("note-save", t("staff.note_save"), { ticket: held.ticket }, "btn-main"))],
  help: (view) => [title(t("staff.help_title")), text(t("staff.help_text")),
    choices(choice("help-to", t("staff.help_anybody"), { to: "" }, "btn-main"), ...view.colleagues.filter((/** @type {any} */ c) => c.duty !== "off").map((/** @type {any} */ c) =>
      choice("help-to", c.name, { to: c.id }, "", t(`staff.duty_${c.duty}`))))],
  menu: (view, _held, prefs) => [title(view.me.name), mySkills(view), duty(view), choices(choice("mine", t("staff.mine"), {}, "", "", true, "person")), soundSwitch(prefs.sound), devicePart(prefs.languages)],
};

/** A service that is the `place`-th of the next steps, or none of them. @param {string} name @param {string} service @param {number} place */
function step(name, service, place) {
  const button = choice("step", name, { service }, "", place > 0 ? String(place) : "");
  button.setAttribute("aria-pressed", String(place > 0));
  return button;
}

/** @param {any} held */
function noteField(held) {
  const area = h("textarea", { id: "note", class: "note-field", rows: 3, maxlength: 200, "aria-label": t("staff.note_title", { number: held.number }) });
  area.textContent = noteOf(held);
  return area;
}

/** @param {StaffView} view @param {any} held */
const others = (view, held) => view.services.filter((/** @type {any} */ s) => s.id !== held.service);

/** @param {StaffView} view @param {any} held */
function colleagues(view, held) {
  const here = view.colleagues.filter((/** @type {any} */ c) => c.duty !== "off");
  return h("div", { class: "stack stack-s" }, heading(t("staff.transfer_person")),
    here.length === 0 ? text(t("staff.nobody_else"))
      : choices(...here.map((/** @type {any} */ c) => choice("transfer-to", c.name, { ticket: held.ticket, to: c.id }, "",
          t(`staff.duty_${c.duty}`), c.skills.includes(held.service)))));
}

/** @param {StaffView} view */
const mySkills = (view) =>
  h("div", { class: "stack stack-s" }, heading(t("staff.menu_skills")),
    h("ul", { class: "skills" }, ...view.me.skills.map((/** @type {string} */ s) => h("li", { class: "tag" }, serviceName(view, s)))));

/** @param {StaffView} view */
function duty(view) {
  const booked = choice("appointments", t("staff.appointments"), {}, "", "", true, "clock");
  const told = canTell() && choice("pocket", t("staff.pocket"), {}, "", "", true, "bell");
  if (view.me.duty === "off") return choices(booked, told);
  const busy = view.me.duty === "calling" || view.me.duty === "serving";
  return choices(
    booked,
    choice("help", t("staff.help"), {}, "", "", true, "people"),
    told,
    view.me.duty !== "paused" && !view.me.pause && choice("pause", t(busy ? "staff.pause_busy" : "staff.pause"), {}, "", "", true, "coffee"),
    !view.me.leaving && choice("off", t(busy ? "staff.off_busy" : "staff.off"), {}, "", "", true, "leave"));
}

/** @param {boolean} on */
const soundSwitch = (on) =>
  h("button", { type: "button", class: "switch", role: "switch", "aria-checked": String(on), "data-action": "sound" },
    icon(on ? "bell" : "bell-off"), h("span", {}, t("staff.menu_sound")), h("i", {}));

/** The languages this server speaks, as the page says. */
export const languages = () => (document.documentElement.querySelector("#app")?.getAttribute("data-languages") ?? "fr en").split(" ");

/** Another language: the server draws the page anew in it. @param {string} code */
export function speak(code) {
  document.cookie = `language=${code}; Path=/; Max-Age=31536000; SameSite=Lax`;
  const url = new URL(location.href);
  url.searchParams.delete("lang");
  location.replace(url);
}

/** What concerns this device: language, signing out. @param {string[]} known */
export const devicePart = (known) =>
  h("div", { class: "stack stack-s" },
    h("div", { class: "row" }, h("span", { class: "small strong", id: "menu-language" }, t("staff.menu_language")),
      h("div", { class: "segments push", role: "group", "aria-labelledby": "menu-language" }, ...known.map((code) =>
        h("button", { type: "button", "data-action": "language", "data-language": code, lang: code, "aria-pressed": String(code === language()) }, code.toUpperCase())))),
    h("button", { type: "button", class: "btn btn-wide", "data-action": "sign-out" }, t("staff.menu_sign_out")));

/** @param {string} words */
const title = (words) => h("h2", {}, words);
/** @param {string} words */
const heading = (words) => h("h3", { class: "sheet-heading" }, words);
/** @param {string} words */
const text = (words) => h("p", { class: "small quiet" }, words);
/** @param {...any} buttons */
const choices = (...buttons) => h("div", { class: "choices" }, ...buttons);

/** @param {string} action @param {string} label @param {Record<string, any>} data @param {string} look @param {string} note @param {boolean} fit @param {string} shape */
const choice = (action, label, data, look = "", note = "", fit = true, shape = "") =>
  h("button", { type: "button", class: `btn choice ${look}`, "data-action": action, data, "data-fit": String(fit) },
    shape && icon(shape), h("span", {}, label), note && h("span", { class: "small quiet push" }, note));
