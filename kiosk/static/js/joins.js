/**
 * Taking a ticket exactly once, whatever the network does. The command and its id are kept on the device before
 * the first try; they are sent again until the server answers, also after a reload of the page. Somebody who gives
 * up while we do not know leaves no ghost in the line: the place is given back as soon as the answer comes.
 */
import { command, uuid } from "/static/web/js/api.js";
import { keep, recall } from "/static/web/js/prefs.js";

const PENDING = "avous.kiosk.join";
const OLD_MS = 10 * 60_000; // after this nobody stands at the kiosk for it any more: give the place back

/** @typedef {{id: string, store: string, body: Record<string, any>, at: number, givenUp: boolean}} Join */

/** A join to send, kept on the device. @param {string} store @param {Record<string, any>} body @returns {Join} */
export function begin(store, body) {
  const id = uuid();
  const join = { id, store, body: { id, qr: true, ...body }, at: Date.now(), givenUp: false };
  remember(join);
  return join;
}

/** The join a reload interrupted, if any; one too old counts as given up. @param {string} store @returns {Join|null} */
export function interrupted(store) {
  const join = JSON.parse(recall(PENDING) || "null");
  if (!join || join.store !== store) return null;
  return { ...join, givenUp: join.givenUp || Date.now() - join.at > OLD_MS };
}

/**
 * Send until answered. Resolves with the answer, or null when the shopper had given up meanwhile (the place is then
 * given back). Throws Problem when refused.
 * @param {Join} join @param {(attempt: number) => void} onWait @returns {Promise<any>}
 */
export async function send(join, onWait) {
  try {
    const answer = await command(`/api/v1/stores/${join.store}/tickets`, join.body, { onWait });
    if (join.givenUp) await leave(join, answer);
    return join.givenUp ? null : answer;
  } finally {
    if (JSON.parse(recall(PENDING) || "null")?.id === join.id) keep(PENDING, null);
  }
}

/** The shopper walks away before the answer. @param {Join} join */
export function giveUp(join) {
  join.givenUp = true;
  remember(join);
}

/** Saw the wait, did not join. Sent in the background. @param {string} store @param {string} service */
export function balk(store, service) {
  command(`/api/v1/stores/${store}/balks`, { service }).catch(() => {});
}

/** @param {Join} join */
function remember(join) {
  keep(PENDING, JSON.stringify(join));
}

/** The leave has its own id made from the join's, so that a reload repeats it harmlessly. @param {Join} join @param {any} answer */
function leave(join, answer) {
  const id = join.id.replace(/^.{8}/, (head) => (~parseInt(head, 16) >>> 0).toString(16).padStart(8, "0"));
  return command("/api/v1/ticket/leave", { id, reason: "kiosk_given_up" }, { token: answer.token }).catch(() => {});
}
