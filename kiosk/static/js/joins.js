/**
 * Taking a ticket exactly once, whatever the network does. A join and its id are on the device before the first try;
 * joins are sent one after the other, oldest first, until the server answers each, also after a reload. Nobody is
 * kept waiting for that: after a moment the kiosk gives out a number of its own, which the server lets stand (see
 * Join.slip in the rules). Somebody who gives up while we do not know leaves no ghost in the line.
 */
import { Problem, command, pause, uuid } from "/static/web/js/api.js";
import { now, speed } from "/static/web/js/clock.js";
import { keep, recall } from "/static/web/js/prefs.js";
import { tell } from "./alerts.js";
import * as shelf from "./shelf.js";

export const PATIENCE_MS = 4000; // then the kiosk gives out a number of its own
const OLD_MS = 10 * 60_000; // after this nobody stands at the kiosk for it any more: give the place back
const AGAIN_MS = 15_000; // after trouble on the server's side
const SLIPS = "avous.kiosk.slips";
const SERIES = 100; // numbers of one kiosk and letter in a day; then they begin again, and the server finds other ones

/** @typedef {{id: string, store: string, body: Record<string, any>, at: number, shown: boolean, givenUp: boolean}} Join */

/** @type {Join[]} not answered yet, oldest first */
let line = [];
/** @type {Map<string, {resolve: (answer: any) => void, reject: (problem: any) => void}>} who waits for an answer */
const ends = new Map();
/** @type {(waiting: number) => void} */
let changed = () => {};
let sending = false;

/** Call `fn` with how many joins wait, whenever that changes. @param {(waiting: number) => void} fn */
export function watch(fn) {
  changed = fn;
}

/** The number this kiosk would give out next: its letter, 9, the kiosk's own digit, two more; none that somebody waits with. @param {string} letter @param {string} day */
function nextSlip(letter, day) {
  const kept = JSON.parse(recall(SLIPS) || "{}");
  const last = kept.day === day ? kept[letter] || 0 : 0;
  const slips = Array.from({ length: SERIES }, (_, n) => `${letter}-9${kioskDigit()}${String((last + 1 + n) % SERIES).padStart(2, "0")}`);
  return slips.find((slip) => !line.some((join) => join.body.slip === slip)) || slips[0];
}

/** That number is used up; an older one that is told later takes nothing back. @param {any} join */
function useSlip({ day, letter, body }) {
  const kept = JSON.parse(recall(SLIPS) || "{}");
  const today = kept.day === day ? kept : { day };
  const used = Number(body.slip.slice(-2));
  const ahead = (used - (today[letter] || 0) + SERIES) % SERIES;
  if (ahead < SERIES / 2) keep(SLIPS, JSON.stringify({ ...today, [letter]: used }));
}

/** Which kiosk of the store this is: ?kiosk=2 in its address. @returns {string} */
export function kioskDigit() {
  const asked = new URLSearchParams(location.search).get("kiosk") || "1";
  return /^[0-9]$/.test(asked) ? asked : "1";
}

/**
 * A join, kept on the device. The kiosk waits `patienceMs` for an answer before it gives out a number.
 * @param {string} store @param {{letter: string, day: string, patienceMs: number}} how @param {Record<string, any>} body @returns {Promise<Join>}
 */
export async function begin(store, { letter, day, patienceMs }, body) {
  const id = uuid();
  const slip = nextSlip(letter, day);
  const slip_at = new Date(now() + patienceMs * speed()).toISOString();
  const join = { id, store, body: { id, qr: true, slip, slip_at, ...body }, at: Date.now(), shown: false, givenUp: false, day, letter };
  line.push(join);
  await shelf.put(join);
  changed(line.length);
  return join;
}

/** Joins of this store that a reload interrupted, oldest first; those too old count as given up. @param {string} store @returns {Promise<Join[]>} */
export async function restore(store) {
  const kept = (await shelf.all()).filter((join) => join.store === store).sort((a, b) => a.at - b.at);
  for (const join of kept) join.givenUp ||= !join.shown && Date.now() - join.at > OLD_MS;
  line = [...kept, ...line];
  changed(line.length);
  drain();
  return kept;
}

/**
 * Its answer, when it comes: the answer, or null when the shopper had given up meanwhile (the place is then given
 * back). Throws Problem when refused. @param {Join} join @returns {Promise<any>}
 */
export function answerOf(join) {
  const answer = new Promise((resolve, reject) => ends.set(join.id, { resolve, reject }));
  answer.catch(() => {}); // whoever asked may have gone home
  drain();
  return answer;
}

/**
 * The shopper gets the kiosk's own number, and from now on the join is sent in peace. That is on the device before anybody reads the
 * number: a kiosk that starts again just then would else give it out, and print it, a second time. @param {any} join @returns {Promise<string>} the number
 */
export async function handOut(join) {
  join.shown = true;
  useSlip(join);
  await shelf.put(join);
  return join.body.slip;
}

/** The shopper walks away before the answer. @param {any} join */
export function giveUp(join) {
  if (!join.shown) useSlip(join);
  join.givenUp = true;
  shelf.put(join);
}

/** Saw the wait, did not join. Sent in the background. @param {string} store @param {string} service */
export function balk(store, service) {
  command(`/api/v1/stores/${store}/balks`, { service }).catch(() => {});
}

/** Send what waits, one after the other, each until it is answered. */
async function drain() {
  if (sending) return;
  sending = true;
  for (let join = line[0]; join; join = line[0]) if (await settled(join)) await forget(join);
  sending = false;
}

/** @param {any} join @returns {Promise<boolean>} whether the server has spoken */
async function settled(join) {
  try {
    const answer = await command(`/api/v1/stores/${join.store}/tickets`, join.body);
    if (join.givenUp) await leave(join, answer);
    else if (join.shown && answer.number !== join.body.slip) tell(join.store, { kind: "slip", slip: join.body.slip, number: answer.number });
    else if (!join.shown && answer.number === join.body.slip) useSlip(join);
    ends.get(join.id)?.resolve(join.givenUp ? null : answer);
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    if (join.shown && problem.status >= 500) return pause(AGAIN_MS).then(() => false);
    if (join.shown) tell(join.store, { kind: "slip", slip: join.body.slip });
    ends.get(join.id)?.reject(problem);
  }
  return true;
}

/** @param {Join} join */
async function forget(join) {
  line = line.filter((other) => other !== join);
  ends.delete(join.id);
  await shelf.drop(join.id);
  changed(line.length);
}

/** The leave has its own id made from the join's, so that a reload repeats it harmlessly. @param {Join} join @param {any} answer */
function leave(join, answer) {
  const id = join.id.replace(/^.{8}/, (head) => (~parseInt(head, 16) >>> 0).toString(16).padStart(8, "0"));
  return command("/api/v1/ticket/leave", { id, reason: "kiosk_given_up" }, { token: answer.token }).catch(() => {});
}
