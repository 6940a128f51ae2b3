// What the page has seen so far: the wait told per service over the last two hours, gathered from views.
// The server's reports know the whole past; this is the glance at the last two hours, kept over a reload.

export const WINDOW_S = 7200;
const POINTS_MAX = 400;

/** @typedef {[number, number]} Point  [seconds since the epoch, seconds of wait told] */

export class History {
  /** @type {Record<string, Point[]>} */ #told = {};

  /** @param {string} key @param {Storage} [storage] */
  constructor(key, storage = sessionStorage) {
    this.key = key;
    this.storage = storage;
    this.#told = JSON.parse(storage.getItem(key) ?? "{}");
  }

  /** Take what a view says; a point is kept only where the told wait changed. @param {any} view @param {number} now */
  take(view, now) {
    let changed = false;
    for (const service of view.services) changed = this.#add(service.id, now, service.range?.high_s ?? 0) || changed;
    if (changed) this.storage.setItem(this.key, JSON.stringify(this.#told));
  }

  /** @param {string} id @param {number} now @param {number} told */
  #add(id, now, told) {
    const points = (this.#told[id] ?? []).filter(([at], i, all) => at <= now && (at > now - WINDOW_S || all[i + 1]?.[0] > now - WINDOW_S));
    const same = points.at(-1)?.[1] === told;
    this.#told[id] = (same ? points : [...points, /** @type {Point} */ ([now, told])]).slice(-POINTS_MAX);
    return !same;
  }

  /** The steps of one service, oldest first. @param {string} id @returns {Point[]} */
  of(id) {
    return this.#told[id] ?? [];
  }
}
