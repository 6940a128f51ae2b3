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

/** Whether this browser can speak at all. @returns {boolean} */
export function able() {
  return "speechSynthesis" in window;
}

/** Whether the guidance is on. @returns {boolean} */
export function speaking() {
  return on;
}

/** Turn it on or off; it says so either way. @param {boolean} wanted */
export function turn(wanted) {
  on = wanted && able();
  heard = null;
  if (on) speak(t("kiosk.voice.on"));
  else if (able()) speechSynthesis.cancel();
}

/** Say this now, whatever was being said. @param {string} text */
export function speak(text) {
  if (!on || !text) return;
  const utterance = new SpeechSynthesisUtterance(text);
  utterance.lang = VOICES[/** @type {"fr"} */ (document.documentElement.lang)] || document.documentElement.lang;
  speechSynthesis.cancel();
  speechSynthesis.speak(utterance);
}

/** Read a screen that has just appeared: its title and texts, then how to go on. */
export function readScreen() {
  if (!on) return;
  const texts = [...find(".kiosk-main").querySelectorAll("h1, p, .field > span")].filter((e) => !e.closest("button, .unseen, [hidden]")).map((e) => e.textContent?.trim());
  heard = null;
  speak([...texts, t("kiosk.voice.how")].filter(Boolean).join(". "));
}

/** What a person hears for an element. @param {Element} element @returns {string} */
export function nameOf(element) {
  const labelled = element.getAttribute("aria-label") || element.closest("label")?.querySelector("span")?.textContent;
  const digit = /** @type {HTMLElement} */ (element).dataset?.key;
  const text = labelled || [...element.querySelectorAll("span:not(:has(span)), b, small, p")].map((e) => e.textContent?.trim()).filter(Boolean).join(", ") || element.textContent || "";
  const pressed = element.getAttribute("aria-pressed") === "true" || element.getAttribute("aria-checked") === "true";
  return [digit, text.trim(), pressed ? t("kiosk.voice.chosen") : ""].filter(Boolean).join(". ");
}

/** Listen to touches and keys. Call once. */
export function listen() {
  document.addEventListener("focusin", (event) => {
    if (on && event.target instanceof Element && event.target.matches(PRESSABLE)) speak(nameOf(event.target));
  });
  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target.closest(PRESSABLE) : null;
    if (!on || event.detail === 0) return; // a key pressed it: it was read when the key reached it
    if (target && target === heard) return void (heard = null);
    event.preventDefault();
    event.stopPropagation();
    heard = target;
    if (target) {
      /** @type {HTMLElement} */ (target).focus();
      speak(nameOf(target));
    }
  }, { capture: true });
}
