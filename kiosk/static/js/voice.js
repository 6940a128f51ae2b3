/**
 * The board's voice: two notes, then the call in the shopper's language, by the browser's own (offline) voice. Calls
 * are said one after another, a second call never cuts the first, and each call is said once (a recall once more).
 */
import { get } from "/static/web/js/api.js";
import { chime, ready } from "/static/web/js/chime.js";
import { spelled } from "./speech.js";

const WAITING_MAX = 6; // more than this unsaid: the oldest are on the screen anyway
const SPEECH_MAX_MS = 12_000; // a voice that never reports its end must not silence the next call

/** @typedef {{number: string, name: string, desk: string, language: string}} Call */

/** @type {Record<string, Record<string, string>>} */
const words = {};
/** @type {Call[]} */
const line = [];
let speaking = false;

/** Have the words of these languages at hand. @param {string[]} languages */
export async function prepare(languages) {
  for (const language of languages) words[language] ??= (await get(`/i18n/${language}.json?rooms=common,board`)).body;
}

/** Say a call when those before it have been said. @param {Call} call */
export function announce(call) {
  if (!ready()) return;
  line.push(call);
  if (line.length > WAITING_MAX) line.shift();
  if (!speaking) next();
}

/** The sentence for a call in its own language. @param {Call} call @returns {string} */
export function sentence(call) {
  const known = words[call.language] || words.fr || Object.values(words)[0] || {};
  const place = call.desk ? fillIn(known["board.desk"], { desk: call.desk }) : "";
  return fillIn(known["board.spoken"], { number: spelled(call.number), name: call.name, place }).replace(/\s*\.\s*\./g, ".");
}

async function next() {
  speaking = true;
  for (let call = line.shift(); call; call = line.shift()) {
    await new Promise((resolve) => setTimeout(resolve, chime(1)));
    await speak(sentence(call), call.language);
  }
  speaking = false;
}

/** @param {string} text @param {string} language @returns {Promise<void>} */
function speak(text, language) {
  return new Promise((resolve) => {
    if (!("speechSynthesis" in window)) return resolve();
    const utterance = new SpeechSynthesisUtterance(text);
    utterance.lang = { fr: "fr-FR", en: "en-GB", es: "es-ES", de: "de-DE", it: "it-IT", ar: "ar-SA" }[/** @type {"fr"} */ (language)] || language;
    utterance.voice = speechSynthesis.getVoices().find((v) => v.lang.startsWith(language) && v.localService) || null;
    utterance.rate = 0.95;
    utterance.onend = utterance.onerror = () => resolve();
    setTimeout(resolve, SPEECH_MAX_MS);
    speechSynthesis.speak(utterance);
  });
}

/** @param {string|undefined} text @param {Record<string, string>} slots */
function fillIn(text, slots) {
  return (text || "").replace(/\{(\w+)\}/g, (_, name) => slots[name] ?? "");
}
