/**
 * The two notes of À Vous, made on the spot (no sound file). Browsers keep sound locked until the first touch:
 * call unlock() inside a tap or key handler; ready() says whether sound will be heard.
 */

/** @type {AudioContext|null} */
let context = null;

/** Make sound possible; call it from a user gesture. @returns {Promise<boolean>} */
export async function unlock() {
  try {
    context ??= new AudioContext();
    await context.resume();
  } catch {
    return false; // no audio on this device: the call is also seen and felt
  }
  return ready();
}

/** Whether a chime would be heard now. @returns {boolean} */
export function ready() {
  return context?.state === "running";
}

/** Play the call: "à – vous", a rising fourth, `times` times. @param {number} [times] @returns {number} its length in ms */
export function chime(times = 1) {
  if (!context || !ready()) return 0;
  for (let n = 0; n < times; n += 1) {
    const at = context.currentTime + 0.05 + n * 1.4;
    note(context, 659.26, at, 0.5);
    note(context, 880, at + 0.28, 0.9);
  }
  return times * 1400;
}

/** A quiet tick for small moments (two ahead, next). */
export function tick() {
  if (context && ready()) note(context, 880, context.currentTime + 0.02, 0.35, 0.12);
}

/** @param {AudioContext} audio @param {number} hertz @param {number} at @param {number} length @param {number} [loudness] */
function note(audio, hertz, at, length, loudness = 0.4) {
  const gain = audio.createGain();
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(loudness, at + 0.012);
  gain.gain.exponentialRampToValueAtTime(0.001, at + length);
  gain.connect(audio.destination);
  for (const [ratio, share] of [[1, 1], [2.01, 0.25], [3, 0.08]]) {
    const voice = audio.createOscillator();
    const level = audio.createGain();
    voice.frequency.value = hertz * ratio;
    level.gain.value = share;
    voice.connect(level).connect(gain);
    voice.start(at);
    voice.stop(at + length + 0.05);
  }
}

/** Vibrate, where there is something that does and the page was touched before. @param {VibratePattern} pattern */
export function buzz(pattern) {
  if (navigator.userActivation?.hasBeenActive !== false) navigator.vibrate?.(pattern);
}
