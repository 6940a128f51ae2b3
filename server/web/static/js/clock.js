/**
 * The server's clock on this device. Screens never trust the device's own clock (it may be hours wrong) and in
 * a demonstration the store's time runs faster than ours: now() gives the store's time, `speed` how fast it runs.
 * How far the device's own is from it is kept: a page that opens again without its server goes on from there.
 */
import { get } from "./api.js";
import { keep, recall } from "./prefs.js";

const RENEW_MS = 5 * 60_000;
const KEPT = "avous.clock";

const state = { ...before(), mark: performance.now(), known: false };

/** What the device knew when the page was last open: {base, speed}. */
function before() {
  const { base, device, speed } = { base: Date.now(), device: Date.now(), speed: 1, ...JSON.parse(recall(KEPT) || "{}") };
  return { base: base + (Date.now() - device) * speed, speed };
}

/** The store's time now, in ms since the epoch; as far as the device knows until the server has answered. @returns {number} */
export function now() {
  return state.base + (performance.now() - state.mark) * state.speed;
}

/** Whether the server has ever told the time. @returns {boolean} */
export function known() {
  return state.known;
}

/** Store seconds per real second. @returns {number} */
export function speed() {
  return state.speed;
}

/** Ask the server; keeps the last answer when it cannot be reached. Resolves when done, never rejects. */
export async function sync() {
  const sent = performance.now();
  try {
    const { body } = await get("/api/v1/clock");
    const heard = performance.now();
    Object.assign(state, { base: Date.parse(body.now), mark: (sent + heard) / 2, speed: body.speed || 1, known: true });
    keep(KEPT, JSON.stringify({ base: now(), device: Date.now(), speed: state.speed }));
  } catch {
    // Unreachable: the clock goes on from what it knew.
  }
}

/** Keep the clock right: now, every few minutes, and whenever the page wakes up. */
export function start() {
  setInterval(sync, RENEW_MS);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && sync());
  return sync();
}

/** Call `fn` now and every `ms` of real time, but not while the page is hidden. @param {() => void} fn @param {number} [ms] @returns {() => void} stops it */
export function every(fn, ms = 1000) {
  fn();
  const timer = setInterval(() => document.visibilityState === "visible" && fn(), ms);
  return () => clearInterval(timer);
}

/** Seconds from now until an instant of a view (negative when past). @param {string} iso @returns {number} */
export function secondsUntil(iso) {
  return (Date.parse(iso) - now()) / 1000;
}
