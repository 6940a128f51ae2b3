// A day on the table: people per kind and quarter hour as they were found, and as somebody moved them.

const QUARTER_H = 0.25;

/** @typedef {{id: string, skills: string[], people: string[], counts: number[]}} Kind */

export class Desk {
  /** @param {string} choice @param {any} found */
  constructor(choice, found) {
    this.choice = choice;
    this.found = found;
    /** @type {Kind[]} */ this.kinds = found.kinds;
    this.quarters = found.starts.length;
    this.kind = this.#busiest();
    /** @type {Record<string, number[]>} */ this.counts = {};
    this.reset();
  }

  /** As it was found. */
  reset() {
    this.counts = Object.fromEntries(this.kinds.map((kind) => [kind.id, [...kind.counts]]));
  }

  /** A plan from elsewhere; kinds and quarter hours it does not have stay as they are. @param {Record<string, number[]>} counts */
  take(counts) {
    for (const { id } of this.kinds) {
      const row = counts[id];
      if (row?.length === this.quarters) this.counts[id] = [...row];
    }
  }

  get changed() {
    return this.kinds.some((kind) => kind.counts.some((n, quarter) => n !== this.counts[kind.id][quarter]));
  }

  /** @param {number} quarter @param {number} value @param {number} most @returns {boolean} whether that moved anybody */
  put(quarter, value, most) {
    const row = this.counts[this.kind];
    const wanted = Math.max(0, Math.min(most, Math.round(value)));
    if (row[quarter] === wanted) return false;
    row[quarter] = wanted;
    return true;
  }

  /** One more, or one less, in a span of quarter hours. @param {number} from @param {number} until @param {number} by @param {number} most */
  add(from, until, by, most) {
    for (let quarter = from; quarter < until; quarter += 1) this.put(quarter, this.counts[this.kind][quarter] + by, most);
  }

  /** Everybody of that quarter hour. @param {number} quarter @param {Record<string, number[]>} [counts] */
  total(quarter, counts = this.counts) {
    return Object.values(counts).reduce((sum, row) => sum + row[quarter], 0);
  }

  /** @param {Record<string, number[]>} [counts] */
  hours(counts = this.counts) {
    return Object.values(counts).flat().reduce((sum, n) => sum + n, 0) * QUARTER_H;
  }

  get foundCounts() {
    return Object.fromEntries(this.kinds.map((kind) => [kind.id, kind.counts]));
  }

  /** Shoppers expected in a quarter hour, all services. @param {number} quarter */
  shoppers(quarter) {
    return /** @type {number[][]} */ (Object.values(this.found.services)).reduce((sum, row) => sum + row[quarter], 0);
  }

  #busiest() {
    const most = (/** @type {Kind} */ kind) => kind.counts.reduce((sum, n) => sum + n, 0);
    return [...this.kinds].sort((a, b) => b.skills.length - a.skills.length || most(b) - most(a))[0]?.id ?? "";
  }
}
