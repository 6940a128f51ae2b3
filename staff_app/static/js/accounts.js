// The honest accounting: every shopper in exactly one place, shares that add up to exactly 100 %.

/** Order of the bar: the good end first, then what is still open, then the four ways of being unanswered. */
export const PLACES = /** @type {const} */ (["answered", "open", "left", "vanished", "closed", "balked"]);

/**
 * @typedef {{open: number, joined: number, balked: number, answered: number, left: number, vanished: number,
 *            closed: number, void: number}} Accounts
 * @typedef {{place: string, count: number, tenths: number}} Share  tenths of a percent; they sum to 1000
 */

/**
 * Shares in tenths of a percent by the largest remainder, so that what is printed adds up to 100.0.
 * Void tickets (duplicates, tests) were never shoppers and are left out. Empty when nobody came.
 * @param {Accounts} accounts @returns {Share[]}
 */
export function shares(accounts) {
  const total = PLACES.reduce((sum, place) => sum + accounts[place], 0);
  if (total === 0) return [];
  const exact = PLACES.map((place) => ({ place, count: accounts[place], exact: (1000 * accounts[place]) / total }));
  const given = exact.map((s) => ({ place: s.place, count: s.count, tenths: Math.floor(s.exact), rest: s.exact % 1 }));
  let spare = 1000 - given.reduce((sum, s) => sum + s.tenths, 0);
  for (const s of [...given].sort((a, b) => b.rest - a.rest)) {
    if (spare-- <= 0) break;
    s.tenths += 1;
  }
  return given.map(({ place, count, tenths }) => ({ place, count, tenths }));
}
