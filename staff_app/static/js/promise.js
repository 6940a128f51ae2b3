// Whether the wait told to a shopper is being kept: the one question every staff screen colours by.
// Pure functions of views and an instant, so that the salesperson's list, the card in hand and the
// manager's floor can never disagree.

/** Less time left than this is "at risk" even when the estimate is optimistic. */
export const RISK_S = 120;
/** An estimate is rounded; it must lie beyond the promise by more than this to be a worry. */
const SLACK_S = 120;

/**
 * @typedef {{range: {low_s: number, high_s: number, as_of: string}|null, promise_at: string|null,
 *            started_at?: string|null, joined_at: string, phase: string}} Promised
 * @typedef {"kept"|"ahead"|"risk"|"broken"|"none"} Standing
 */

/** @param {string|null|undefined} iso @returns {number|null} seconds since the epoch */
export const seconds = (iso) => (iso ? Date.parse(iso) / 1000 : null);

/**
 * Seconds left to keep the promise, negative once it is broken; null when nothing was promised.
 * The promise is about the start of the visit, so a started visit is judged at its start for ever.
 * @param {Promised} ticket @param {number} now
 */
export function leftToKeep(ticket, now) {
  const due = seconds(ticket.promise_at);
  if (due === null) return null;
  return due - (seconds(ticket.started_at) ?? now);
}

/**
 * Where the promise stands: "risk" when little time is left, or when what we now expect lies beyond it.
 * @param {Promised} ticket @param {number} now @returns {Standing}
 */
export function standing(ticket, now) {
  const left = leftToKeep(ticket, now);
  if (left === null) return "none";
  if (left < 0) return "broken";
  if (ticket.started_at) return "kept";
  return left < RISK_S || expectedAfter(ticket) ? "risk" : "ahead";
}

/** @param {Promised} ticket */
function expectedAfter(ticket) {
  const due = seconds(ticket.promise_at);
  const from = seconds(ticket.range?.as_of);
  return due !== null && from !== null && ticket.range !== null && from + ticket.range.high_s > due + SLACK_S;
}

/**
 * How many of these stand where, for headline numbers.
 * @param {Promised[]} tickets @param {number} now @returns {Record<Standing, number>}
 */
export function tally(tickets, now) {
  const counts = { kept: 0, ahead: 0, risk: 0, broken: 0, none: 0 };
  for (const ticket of tickets) counts[standing(ticket, now)] += 1;
  return counts;
}
