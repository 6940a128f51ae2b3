/**
 * Instead of waiting, an hour of one's own: the free slots of today and tomorrow, offered when the wait is long; and, for
 * those who have one, "I'm here" with the code of their appointment. What the server says is all this screen knows.
 */
import { Problem, command, get } from "/static/web/js/api.js";
import { fill, h, icon, say } from "/static/web/js/dom.js";
import { dayName, has, label, lang, t, time } from "/static/web/js/i18n.js";
import { pictogram, qrPicture } from "/static/web/js/parts.js";
import { makeRoom } from "./room.js";
import { serviceOf } from "./services.js";

const SHOWN = 6;
const CODE_SIGNS = 6;
const SIGNS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"; // as the server makes codes: none is read as another

/** @typedef {{at: string, left: number}} Slot */

/** The next free slots. @param {any} state @param {any} actions @param {{name: string, companions: number}} choice who comes */
export function appointment(state, actions, choice) {
  const service = state.service;
  const list = h("ul", { class: "slots" }, h("li", { class: "quiet", role: "status" }, t("kiosk.book.looking")));
  const trouble = h("p", { class: "notice notice-stop", role: "alert", hidden: true });
  const show = async () => {
    const found = await get(`/api/v1/stores/${state.info.id}/slots?service=${service}&days=2`).catch(() => null);
    const slots = /** @type {Slot[]} */ (found?.body.slots || []).slice(0, SHOWN);
    fill(list, slots.length ? slots.map((slot) => h("li", null, slotButton(slot))) : h("li", null, h("p", null, t(found ? "kiosk.book.none" : "kiosk.book.trouble"))));
  };
  const slotButton = (/** @type {Slot} */ slot) => h("button", { class: "btn btn-kiosk btn-wide slot", type: "button", data: { action: "slot", at: slot.at }, on: { click: () => take(slot) } }, h("b", null, time(slot.at)), h("span", null, dayName(slot.at)));
  const take = async (/** @type {Slot} */ slot) => {
    trouble.hidden = true;
    const body = { service, at: slot.at, language: lang(), qr: true, companions: choice.companions, ...(choice.name ? { name: choice.name } : {}) };
    try {
      actions.booked(await command(`/api/v1/stores/${state.info.id}/bookings`, body));
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      trouble.hidden = false;
      say(trouble, t(problem.code === "slot_taken" ? "kiosk.book.taken" : "kiosk.book.trouble"));
      show();
    }
  };
  show();
  const { labels, icon: name } = serviceOf(state);
  return { nodes: h("div", { class: "book" }, h("h1", null, t("kiosk.book.title")), h("p", { class: "confirm-service" }, pictogram(name), h("span", null, label(labels, service))), trouble, list) };
}

/** The appointment: when, its code, and its link. `printed` tells how the slip went. @param {any} state @param {any} actions @param {any} answer */
export function booked(state, actions, answer) {
  const room = makeRoom(actions.done);
  const { labels } = serviceOf(state);
  const slip = h("p", { class: "got-stroll got-slip", role: "status", hidden: true }, icon("ticket"), h("span"));
  const printed = (/** @type {string} */ outcome) => ((slip.hidden = false), say(/** @type {Element} */ (slip.lastChild), t(`kiosk.slip.${outcome}`)));
  return {
    printed,
    leave: room.stop,
    nodes: h("div", { class: "got" },
      h("section", { class: "got-ticket ticket", data: { code: answer.code } },
        h("div", { class: "got-top" }, h("h1", { class: "got-label" }, t("kiosk.book.yours")), h("p", { class: "plate got-number" }, time(answer.at)), h("p", { class: "got-service" }, dayName(answer.at), h("small", null, label(labels, "")))),
        h("div", { class: "got-wait" }, h("p", { class: "quiet" }, t("kiosk.book.code")), h("p", { class: "plate plate-l", dir: "ltr", data: { said: signs(answer.code) } }, answer.code))),
      h("section", { class: "got-next" },
        h("div", { class: "got-qr" }, qrPicture(answer.qr_svg, t("kiosk.book.qr_alt")), h("p", { class: "strong" }, t("kiosk.book.scan"))),
        slip, h("p", { class: "got-stroll" }, icon("info"), h("span", null, t("kiosk.book.keep"))),
        h("button", { class: "btn btn-main btn-kiosk btn-wide", type: "button", data: { action: "done" }, on: { click: actions.done } }, icon("check"), t("kiosk.ticket.done")), room.element)),
  };
}

/** "I have an appointment": the code, sign by sign, by touch or keyboard. @param {any} state @param {any} actions */
export function arrive(state, actions) {
  let typed = "";
  const shown = h("p", { class: "plate code-typed", dir: "ltr", role: "status" });
  const trouble = h("p", { class: "notice notice-stop", role: "alert", hidden: true });
  const draw = () => {
    shown.dataset.said = signs(typed);
    say(shown, typed.padEnd(CODE_SIGNS, "·"));
  };
  const press = (/** @type {string} */ sign) => {
    if (typed.length === CODE_SIGNS) return;
    trouble.hidden = true;
    typed += sign;
    draw();
    if (typed.length === CODE_SIGNS) checkIn();
  };
  const erase = () => ((typed = typed.slice(0, -1)), draw());
  const checkIn = async () => {
    try {
      actions.arrived(await command(`/api/v1/stores/${state.info.id}/bookings/check-in`, { code: typed, qr: true }));
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      typed = "";
      draw();
      trouble.hidden = false;
      say(trouble, refusal(problem));
    }
  };
  const onKey = (/** @type {KeyboardEvent} */ event) => (event.key === "Backspace" ? erase() : SIGNS.includes(event.key.toUpperCase()) && event.key.length === 1 && press(event.key.toUpperCase()));
  addEventListener("keydown", onKey);
  draw();
  return {
    leave: () => removeEventListener("keydown", onKey),
    nodes: h("div", { class: "arrive" },
      h("h1", null, t("kiosk.arrive.title")), h("p", { class: "quiet" }, t("kiosk.arrive.text")), shown, trouble,
      h("div", { class: "signs", dir: "ltr", role: "group", "aria-label": t("kiosk.arrive.title") },
        [...SIGNS].map((sign) => h("button", { class: "btn", type: "button", data: { sign }, on: { click: () => press(sign) } }, sign)),
        h("button", { class: "btn signs-erase", type: "button", "aria-label": t("kiosk.arrive.erase"), data: { action: "erase" }, on: { click: erase } }, icon("back")))),
  };
}

/** A code as a voice says it, sign by sign. @param {string} code @returns {string} */
const signs = (code) => [...code].join(" ");

/** @param {Problem} problem @returns {string} */
function refusal(problem) {
  if (problem.code === "appointment_too_early" && problem.facts?.come_at) return t("kiosk.arrive.early", { at: time(problem.facts.come_at) });
  if (problem.status === 404) return t("kiosk.arrive.unknown");
  return has(`errors.${problem.code}`) ? t(`errors.${problem.code}`, problem.facts) : t("kiosk.book.trouble");
}
