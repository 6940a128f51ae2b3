/** Days in a strip and the times of the chosen one: what a new appointment and a moved one are chosen with. */
import { get } from "../api.js";
import { fill, h } from "../dom.js";
import { lang, t, time, zoned } from "../i18n.js";

const DAYS = 14; // as many as one question may ask for

/** @typedef {{at: string, left: number}} Slot */

/** What can still be had. @param {string} store @param {string} service @returns {Promise<{minutes: number, zone: string, slots: Slot[]}>} */
export const slots = async (store, service) => (await get(`/api/v1/stores/${store}/slots?service=${encodeURIComponent(service)}&days=${DAYS}`)).body;

/** Whether a time was refused because it can no longer be had: the list it was chosen from is old. @param {any} problem */
export const gone = ({ code, facts }) => code === "slot_taken" || facts?.field === "at";

/** @param {string} at */
const dayOf = (at) => zoned(at, { year: "numeric", month: "2-digit", day: "2-digit" });

/**
 * The picker as an element; `pick` is called with the instant chosen.
 * @param {Slot[]} found @param {(at: string) => void} pick
 */
export function picker(found, pick) {
  if (found.length === 0) return h("p", { class: "notice notice-plain", role: "status" }, t("booking.no_slots"));
  /** @type {Map<string, Slot[]>} */
  const days = new Map();
  for (const slot of found) days.set(dayOf(slot.at), [...(days.get(dayOf(slot.at)) ?? []), slot]);
  const times = h("div", { class: "booking-times" });
  const strip = h("div", { class: "booking-days", role: "group", "aria-label": t("booking.pick") });
  /** @param {string} day */
  const choose = (day) => {
    for (const button of strip.children) button.setAttribute("aria-pressed", String(/** @type {HTMLElement} */ (button).dataset.day === day));
    fill(times, (days.get(day) ?? []).map((slot) =>
      h("button", { class: "btn", type: "button", data: { action: "slot", at: slot.at }, on: { click: () => pick(slot.at) } }, time(slot.at))));
  };
  for (const [day, own] of days) strip.append(dayButton(day, own[0].at, () => choose(day)));
  choose([...days.keys()][0]);
  return h("div", { class: "stack", lang: lang() }, strip, times);
}

/** @param {string} day @param {string} at @param {() => void} press */
const dayButton = (day, at, press) =>
  h("button", { class: "booking-day", type: "button", data: { day }, "aria-pressed": "false", "aria-label": zoned(at, { weekday: "long", day: "numeric", month: "long" }), on: { click: press } },
    h("span", { class: "small" }, zoned(at, { weekday: "short" })), h("b", null, zoned(at, { day: "numeric" })), h("span", { class: "small" }, zoned(at, { month: "short" })));

/** "mardi 24 novembre à 15:30". @param {string} at */
export const spoken = (at) => zoned(at, { weekday: "long", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
