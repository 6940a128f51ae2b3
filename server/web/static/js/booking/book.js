/**
 * Booking an appointment: a service, a time, and a button. Nothing personal is asked for that is not needed.
 *
 * Hooks for tests (stable): #app[data-screen="service|time|details|none"]; data-action="service" + data-service, "slot" + data-at, "book", "back".
 */
import { command, get } from "../api.js";
import { busy, fill, find, h, icon, say } from "../dom.js";
import { has, label, lang, load, t, useZone } from "../i18n.js";
import { pictogram } from "../parts.js";
import { apply } from "../prefs.js";
import { gone, picker, slots, spoken } from "./picker.js";

const app = find("#app");
const main = find(".phone-main");
const store = app.dataset.store || "";
/** @type {any} */
let info = {};

/** @param {string} screen @param {any[]} nodes */
function draw(screen, nodes) {
  app.dataset.screen = screen;
  fill(main, nodes);
  main.focus({ preventScroll: true });
  scrollTo(0, 0);
}

const bookable = () => info.services.filter((/** @type {any} */ service) => info.bookable.includes(service.id));

function choose() {
  const found = bookable();
  if (found.length === 0) return draw("none", [h("h1", { class: "join-title" }, t("booking.title")), h("p", { class: "notice notice-plain" }, t("booking.none_here")), walkIn()]);
  if (found.length === 1) return void pickTime(found[0]);
  draw("service", [h("h1", { class: "join-title" }, t("booking.choose")), h("p", { class: "quiet" }, info.name),
    h("ul", { class: "choices" }, found.map((/** @type {any} */ service) => h("li", null,
      h("button", { class: "choice", type: "button", data: { action: "service", service: service.id }, on: { click: () => void pickTime(service) } },
        h("span", { class: "choice-icon" }, pictogram(service.icon)), h("span", { class: "choice-name" }, h("b", null, label(service.labels, service.id))), icon("next"))))),
    walkIn()]);
}

const walkIn = () => h("a", { class: "btn btn-plain btn-wide", href: `/s/${store}?lang=${lang()}` }, t("booking.walk_in"));

/** @param {any} service @param {string} [warning] */
async function pickTime(service, warning = "") {
  try {
    const found = await slots(store, service.id);
    const line = found.minutes ? h("p", { class: "quiet" }, `${label(service.labels, service.id)} · ${t("booking.minutes", { n: Math.round(found.minutes) })}`) : null;
    draw("time", [h("h1", { class: "join-title" }, t("booking.pick")), line, warning && h("p", { class: "notice notice-warn", role: "alert" }, warning),
      picker(found.slots, (at) => details(service, at)),
      bookable().length > 1 && h("button", { class: "btn btn-wide", type: "button", data: { action: "back" }, on: { click: choose } }, t("booking.other_service")), walkIn()]);
  } catch (problem) {
    draw("none", [h("h1", { class: "join-title" }, t("booking.title")), h("p", { class: "notice notice-stop", role: "alert" }, words(problem))]);
  }
}

/** @param {any} service @param {string} at */
function details(service, at) {
  const name = /** @type {HTMLInputElement} */ (h("input", { type: "text", maxlength: 40, autocomplete: "given-name", enterkeyhint: "next" }));
  const address = /** @type {HTMLInputElement} */ (h("input", { type: "text", inputmode: "email", maxlength: 80, autocomplete: "email", enterkeyhint: "done" }));
  const line = h("p", { class: "notice notice-stop", role: "alert", hidden: true });
  const button = h("button", { class: "btn btn-main btn-big btn-wide join-take", type: "button", data: { action: "book" },
    on: { click: () => busy(button, () => book(service, at, name.value.trim(), address.value.trim(), line)) } }, icon("ticket"), t("booking.book"));
  draw("details", [
    h("section", { class: "paper ticket" }, h("div", { class: "paper-top paper-pick" }, pictogram(service.icon), h("p", { class: "paper-service" }, label(service.labels, service.id))),
      h("div", { class: "paper-rest" }, h("h1", { class: "booking-when" }, spoken(at)), h("p", { class: "quiet" }, info.name))),
    h("label", { class: "field" }, h("span", null, t("booking.name")), name, h("small", null, t("booking.name_why"))),
    h("label", { class: "field" }, h("span", null, t("booking.address")), address, h("small", null, t("booking.address_why"))),
    line, button, h("button", { class: "btn btn-wide", type: "button", data: { action: "back" }, on: { click: () => void pickTime(service) } }, t("booking.back"))]);
}

/** @param {any} service @param {string} at @param {string} name @param {string} address @param {HTMLElement} line */
async function book(service, at, name, address, line) {
  line.hidden = true;
  try {
    const made = await command(`/api/v1/stores/${store}/bookings`, { service: service.id, at, language: lang(), name, address });
    location.assign(`/b/?lang=${lang()}&${made.told ? "told" : "booked"}=1#${made.token}`);
  } catch (problem) {
    if (gone(problem)) return pickTime(service, t("booking.taken"));
    line.hidden = false;
    say(line, /** @type {any} */ (problem).facts?.field === "address" ? t("booking.address_wrong") : words(problem));
    line.scrollIntoView({ block: "center" }); // the button floats at the foot of a small screen
  }
}

/** @param {any} problem */
const words = (problem) => (has(`errors.${problem.code}`) ? t(`errors.${problem.code}`, problem.facts) : problem.message);

apply();
await load(document.documentElement.lang, ["booking", "errors"]);
info = (await get(`/api/v1/stores/${store}`)).body;
useZone(info.zone);
choose();
