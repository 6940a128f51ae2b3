// A salesperson who is not looking must notice an offer: two notes and a buzz, again until it is answered.
// Browsers allow sound only after a tap; before it there is only the vibration, where the device has one.

import { keep, recall } from "./shared.js";

const KEY = "avous.staff.sound";
const AGAIN_MS = 3000;
const NOTES_HZ = [660, 880];

/** @type {AudioContext|null} */ let audio = null;
/** @type {ReturnType<typeof setInterval>|undefined} */ let ringing;

export const soundOn = () => recall(KEY) !== "off";

/** @param {boolean} on */
export const setSound = (on) => keep(KEY, on ? null : "off");

/** Call from a tap: sound is possible from then on. */
export function unlock() {
  audio ??= new AudioContext();
  if (audio.state === "suspended") void audio.resume();
}

/** Ring while `on`; calling it again with the same value changes nothing. @param {boolean} on */
export function ring(on) {
  if (on === Boolean(ringing)) return;
  clearInterval(ringing);
  ringing = undefined;
  if (!on) return;
  once();
  ringing = setInterval(once, AGAIN_MS);
}

/** A short buzz that a tap was refused. */
export const buzz = () => navigator.userActivation?.hasBeenActive && navigator.vibrate?.(60);

function once() {
  if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.([180, 90, 180]);
  if (!audio || audio.state !== "running" || !soundOn()) return;
  NOTES_HZ.forEach((hz, i) => note(/** @type {AudioContext} */ (audio), hz, i * 0.18));
}

/** @param {AudioContext} context @param {number} hz @param {number} after seconds */
function note(context, hz, after) {
  const [tone, loud] = [context.createOscillator(), context.createGain()];
  const at = context.currentTime + after;
  tone.frequency.value = hz;
  loud.gain.setValueAtTime(0.0001, at);
  loud.gain.exponentialRampToValueAtTime(0.25, at + 0.02);
  loud.gain.exponentialRampToValueAtTime(0.0001, at + 0.35);
  tone.connect(loud).connect(context.destination);
  tone.start(at);
  tone.stop(at + 0.4);
}
