/**
 * Words and figures in the reader's language. Strings come from /i18n/{lang}.json (flat keys "room.name"); a value
 * is a text with {slots} or an object of plural forms chosen by {n}. Times and numbers by Intl.
 */
import { get } from "./api.js";
import { now } from "./clock.js";

/** @type {Record<string, string|Record<string, string>>} */
let strings = {};
/** @type {Map<string, typeof strings>} by address */
const loaded = new Map();
let language = "fr";
let zone = /** @type {string|undefined} */ (undefined);

/** The tag Intl gets: Arabic with the digits that tickets, desks and slips are printed in. */
const tag = () => (language === "ar" ? "ar-u-nu-latn" : language);

/** Where the strings of these rooms are ("common" is always among them). @param {string} lang @param {string[]} rooms @returns {string} */
export function wordsOf(lang, rooms) {
  return `/i18n/${lang}.json?rooms=${["common", ...rooms].join(",")}`;
}

/** Use the strings of these rooms; asked for once, so that going back to a language never waits for the line. @param {string} lang @param {string[]} rooms */
export async function load(lang, rooms) {
  const address = wordsOf(lang, rooms);
  if (!loaded.has(address)) loaded.set(address, (await get(address)).body);
  strings = loaded.get(address) || {};
  language = lang;
}

/** Turn the page to a language: what screen readers speak, and the direction of reading. @param {string} lang */
export function turn(lang) {
  document.documentElement.lang = lang;
  document.documentElement.dir = lang === "ar" ? "rtl" : "ltr";
}

/** The language in use. @returns {string} */
export function lang() {
  return language;
}

/** Show times in the store's zone from now on (else the device's). @param {string|undefined} name */
export function useZone(name) {
  zone = name || undefined;
}

/** The text for a key; the key itself when it is missing, so that the gap is seen. @param {string} key @param {Record<string, any>} [slots] @returns {string} */
export function t(key, slots = {}) {
  const value = strings[key];
  if (value === undefined) return key;
  const text = typeof value === "string" ? value : value[new Intl.PluralRules(language).select(slots.n)] ?? value.other;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in slots ? show(slots[name]) : whole));
}

/** Whether there is a text for this key. @param {string} key @returns {boolean} */
export function has(key) {
  return key in strings;
}

/** A label in the reader's language from {fr: "…", en: "…"}; else in English, else in French. @param {Record<string, string>|undefined} labels @param {string} fallback @returns {string} */
export function label(labels, fallback) {
  return labels?.[language] ?? labels?.en ?? labels?.fr ?? (labels && Object.values(labels)[0]) ?? fallback;
}

/** "15:42" in the store's zone. @param {number|string|Date} instant @param {boolean} [seconds] @returns {string} */
export function time(instant, seconds = false) {
  const options = { hour: "2-digit", minute: "2-digit", second: seconds ? "2-digit" : undefined, hourCycle: "h23", timeZone: zone };
  return new Intl.DateTimeFormat(tag(), /** @type {any} */ (options)).format(new Date(instant));
}

/** "today", "tomorrow", else the weekday, in the store's zone. @param {number|string|Date} instant @returns {string} */
export function dayName(instant) {
  const dayOf = (/** @type {Date} */ at) => new Intl.DateTimeFormat("en-CA", { timeZone: zone }).format(at);
  const days = Math.round((Date.parse(dayOf(new Date(instant))) - Date.parse(dayOf(new Date(now())))) / 86_400_000);
  if (days === 0 || days === 1) return new Intl.RelativeTimeFormat(tag(), { numeric: "auto" }).format(days, "day");
  return new Intl.DateTimeFormat(tag(), { weekday: "long", timeZone: zone }).format(new Date(instant));
}

/** An instant in the store's zone, as `options` of Intl say. @param {number|string|Date} instant @param {Intl.DateTimeFormatOptions} options @returns {string} */
export function zoned(instant, options) {
  return new Intl.DateTimeFormat(tag(), { timeZone: zone, ...options }).format(new Date(instant));
}

/** A number in the reader's writing. @param {number} value @returns {string} */
export function number(value) {
  return new Intl.NumberFormat(tag()).format(value);
}

const COARSE_MIN = 10; // above this, minutes go in fives: finer would pretend to know
const STEP_MIN = 5;

/**
 * What is left of a range {low_s, high_s, as_of}, in whole minutes, at `nowMs`: single minutes up to ten, fives above.
 * Time that passes is taken off; the low end never shows more than the truth, the high end never less. {low: 0}
 * means "less than high".
 * @param {{low_s: number, high_s: number, as_of: string}} range @param {number} nowMs @returns {{low: number, high: number}}
 */
export function minutesLeft(range, nowMs) {
  const gone = Math.max(0, (nowMs - Date.parse(range.as_of)) / 1000);
  const high = Math.max(1, stepped((range.high_s - gone) / 60 - 0.05, Math.ceil));
  const low = Math.max(0, Math.min(high, stepped((range.low_s - gone) / 60 + 0.05, Math.floor)));
  return { low, high };
}

/** @param {number} minutes @param {(x: number) => number} round */
function stepped(minutes, round) {
  return minutes > COARSE_MIN ? round(minutes / STEP_MIN) * STEP_MIN : round(minutes);
}

/** The figures of a range: "6–11", "< 3", "0". @param {{low: number, high: number}} minutes @returns {string} */
export function rangeFigures({ low, high }) {
  if (low === 0) return `< ${number(high)}`;
  return low === high ? number(low) : `${number(low)}–${number(high)}`;
}

/** @param {any} value */
function show(value) {
  return typeof value === "number" ? number(value) : String(value);
}
