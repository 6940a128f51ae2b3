/**
 * Spoken guidance by the browser's own voice, for people who do not see the screen. While it is on, a screen reads
 * itself when it appears; the first touch of a button reads it, the second one presses it; keys read what they reach.
 */
import { find } from "/static/web/js/dom.js";
import { t } from "/static/web/js/i18n.js";

const VOICES = { fr: "fr-FR", en: "en-GB", es: "es-ES", de: "de-DE", it: "it-IT", ar: "ar-SA" };
const PRESSABLE = "button, a[href], input";

let on = false;
/** @type {Element|null} */
let heard = null; // read by the last touch: the next one presses it
/** @type {Element|null} */
let focused = null; // read because this touch moved the focus there: not read again for the touch itself

/** Whether this browser can speak at all. @returns {boolean} */
export function able() {
  return "speechSynthesis" in window;
}

/** Whether the guidance is on. @returns {boolean} */
export function speaking() {
  return on;
}

/** Turn it on or off; on, it says how it works and then where we are. @param {boolean} wanted */
export function turn(wanted) {
  on = wanted && able();
  if (on) readScreen(t("kiosk.voice.on"));
  else if (able()) speechSynthesis.cancel();
}

/** Say these, one sentence each, whatever was being said; `after`: when that has been said. @param {string[]} texts @param {{language?: string, after?: boolean}} [how] */
function speak(texts, { language = document.documentElement.lang, after = false } = {}) {
  const text = texts.filter(Boolean).map((one) => (/[.!?…:؟]$/.test(one) ? one : `${one}.`)).join(" ");
  if (!on || !text) return;
  const utterance = new SpeechSynthesisUtterance(text);
  utterance.lang = VOICES[/** @type {"fr"} */ (language)] || language;
  if (!after) speechSynthesis.cancel();
  speechSynthesis.speak(utterance);
}

/** Read a screen that has just appeared: `before`, its title and texts, then how to go on where there is something to press. @param {string} [before] */
export function readScreen(before = "") {
  const main = find(".kiosk-main");
  heard = null;
  speak([before, ...pieces(main, false), !before && main.querySelector("button") ? t("kiosk.voice.how") : ""]);
}

/** Read a dialog that has just opened, with its buttons. @param {HTMLElement} dialog */
export function readDialog(dialog) {
  heard = null;
  speak(pieces(dialog));
}

/** The texts to be seen in an element, piece by piece, as they are said: `data-said` where that is not as it is written. @param {HTMLElement} element @param {boolean} [buttons] theirs too @returns {string[]} */
function pieces(element, buttons = true) {
  if (!element.checkVisibility() || element.matches(buttons ? "[aria-hidden=true]" : "[aria-hidden=true], button")) return [];
  if (element.dataset.said !== undefined) return [element.dataset.said];
  return [...element.childNodes].flatMap((node) => (node instanceof HTMLElement ? pieces(node, buttons) : node instanceof Text ? [node.data.trim()] : []));
}

/** "C-042" as a voice should say it: letter, then the number without its zeros. @param {string} number @returns {string} */
export function spelled(number) {
  return number.replace(/-0*/, " ");
}

/** What a person hears for something that can be pressed. @param {HTMLElement} element @returns {string[]} */
function nameOf(element) {
  const labelled = element.getAttribute("aria-label") || element.closest("label")?.querySelector("span")?.textContent?.trim();
  const pressed = element.getAttribute("aria-pressed") === "true" || element.getAttribute("aria-checked") === "true";
  return [element.dataset.key || "", ...(labelled ? [labelled] : pieces(element)), pressed ? t("kiosk.voice.chosen") : ""];
}

/** Read it, in its own language. @param {HTMLElement} element */
function readOne(element) {
  speak(nameOf(element), { language: element.lang || undefined });
}

/** What changes by itself: who comes to help, how many they are, what is wrong with a code. @param {MutationRecord[]} changes */
function tellNews(changes) {
  const places = changes.map(({ target }) => (target instanceof Element ? target : target.parentElement)?.closest("[role=status], [role=alert]"));
  for (const place of new Set(places)) if (place instanceof HTMLElement) speak(pieces(place), { after: true });
}

/** Listen to touches and keys, and look for news. Call once. */
export function listen() {
  new MutationObserver(tellNews).observe(find(".kiosk-main"), { subtree: true, childList: true, characterData: true, attributeFilter: ["hidden"] });
  document.addEventListener("pointerdown", () => (focused = null), { capture: true });
  document.addEventListener("focusin", ({ target }) => {
    if (!on || !(target instanceof HTMLElement) || !target.matches(PRESSABLE)) return;
    focused = target;
    readOne(target);
  });
  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? /** @type {HTMLElement|null} */ (event.target.closest(PRESSABLE)) : null;
    if (!on || event.detail === 0) return; // a key pressed it: it was read when the key reached it
    if (target && target === heard) return void (heard = null);
    event.preventDefault();
    event.stopPropagation();
    heard = target;
    target?.focus();
    if (target && target !== focused) readOne(target);
  }, { capture: true });
}
