// Durations, clock times, service and language names as the staff screens say them.

import { stores } from "./session.js";
import { h, has, icon, language, t } from "./shared.js";
import { leftToKeep, seconds, standing } from "./promise.js";

/** @typedef {{services: {id: string, labels: Record<string, string>, icon?: string}[]}} HasServices */

let zone = /** @type {string|undefined} */ (undefined);

/** Clock times are the store's, wherever the screen is. @param {string|undefined} name IANA zone */
export function useZone(name) {
  zone = name;
}

/** "under a minute", "8 min", "1 h 05". @param {number} s */
export function span(s) {
  const minutes = Math.floor(Math.max(0, s) / 60);
  if (minutes < 1) return t("staff.under_minute");
  if (minutes < 100) return t("staff.minutes", { n: minutes });
  return t("staff.hours", { h: Math.floor(minutes / 60), m: String(minutes % 60).padStart(2, "0") });
}

/** The same where room is scarce: "<1 min". @param {number} s */
export const shortSpan = (s) => (s < 60 ? t("staff.under_minute_short") : span(s));

/** "6:12", for what is running now. @param {number} s */
export function timer(s) {
  const whole = Math.max(0, Math.floor(s));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const tail = String(whole % 60).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}

/** "15:10" in the store's own time. @param {string|number|null} at ISO text or seconds since the epoch */
export function hour(at) {
  if (at === null) return "";
  const when = new Date(typeof at === "number" ? at * 1000 : at);
  return when.toLocaleTimeString(language(), { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: zone });
}

/** "Desk 4" where the store only numbers its desks; the store's own word otherwise; "" for somebody who roams. @param {string} desk */
export const deskName = (desk) => (/^\d+$/.test(desk) ? t("staff.desk", { n: desk }) : desk);

/** Seconds since an ISO instant. @param {string|null} iso @param {number} now */
export const ago = (iso, now) => now - (seconds(iso) ?? now);

/** @param {HasServices} view @param {string} id */
export function serviceName(view, id) {
  const labels = view.services.find((s) => s.id === id)?.labels ?? {};
  return labels[language()] ?? labels.fr ?? Object.values(labels)[0] ?? id;
}

/** @param {string} code */
export function languageName(code) {
  try {
    return new Intl.DisplayNames([language()], { type: "language" }).of(code) ?? code;
  } catch {
    return code;
  }
}

/** @typedef {Record<string, Record<string, string>>} ClassLabels */

/** What a store calls its classes of shoppers, as the page says. @param {string} store @returns {ClassLabels} */
export const classesOf = (store) => stores().find(({ id }) => id === store)?.classes ?? {};

/** The name of a class of shopper: the store's own, else ours ("member"), else its id. @param {string} id @param {ClassLabels} [labels] */
export function className(id, labels = {}) {
  const own = labels[id] ?? {};
  return own[language()] || Object.values(own)[0] || (has(`staff.class_${id}`) ? t(`staff.class_${id}`) : id);
}

/** Marks that are not colour alone. */
const SHAPES = { ahead: "clock", risk: "warn", broken: "warn", kept: "check", none: "clock" };

/** "4 min left", coloured and marked. @param {any} ticket @param {number} now */
export function promiseMark(ticket, now) {
  const state = standing(ticket, now);
  return h("span", { class: "due", "data-standing": state, title: t(`staff.promise_state_${state}`) },
    icon(SHAPES[state]), h("span", {}, promiseText(ticket, now)));
}

/** @param {any} ticket @param {number} now */
export function promiseText(ticket, now) {
  const left = leftToKeep(ticket, now);
  const state = standing(ticket, now);
  if (left === null) return t("staff.waiting_for", { time: shortSpan(ago(ticket.joined_at, now)) });
  if (state === "kept") return t("staff.promise_kept");
  if (left >= 0) return t("staff.promise_left", { time: span(left) });
  return ticket.started_at ? t("staff.promise_broken") : t("staff.promise_late", { time: span(-left) });
}

/**
 * Why this ticket stands where it stands, and what to know before meeting its shopper: small tags.
 * @param {any} ticket @param {any} view @param {boolean} [short] languages as codes, in a list
 */
export function tags(ticket, view, short = false) {
  const me = view.me?.id;
  const colleague = view.colleagues?.find((/** @type {any} */ c) => c.id === ticket.wanted);
  return [
    ticket.card && tag("card", "priority", t(short ? "staff.chip_card_short" : "staff.chip_card")),
    ticket.appointment_at && tag("appointment", "clock", t("staff.chip_appointment", { time: hour(ticket.appointment_at) })),
    ticket.standing && tag("class", "star", className(ticket.standing, classesOf(view.store))),
    ticket.wanted && tag("wanted", "person", ticket.wanted === me ? t("staff.chip_wanted_me")
      : t("staff.chip_wanted", { name: colleague?.name ?? ticket.wanted })),
    ticket.closer && tag("closer", "walk", t("staff.closer")),
    ticket.escalated && tag("escalated", "warn", t("staff.chip_escalated")),
    ticket.language && ticket.language !== language() && languageTag(ticket.language, short),
    ticket.companions > 0 && tag("companions", "people", t("staff.companions", { n: ticket.companions })),
  ].filter(Boolean);
}

/** @param {string} kind @param {string} shape @param {string} text */
export const tag = (kind, shape, text) => h("span", { class: "tag", "data-tag": kind }, icon(shape), text);

/** @param {string} code @param {boolean} short */
const languageTag = (code, short) =>
  short ? h("span", { class: "tag", "data-tag": "language", title: languageName(code) }, h("b", { "aria-hidden": "true" }, code.toUpperCase()),
            h("span", { class: "unseen" }, languageName(code)))
    : tag("language", "globe", languageName(code));
