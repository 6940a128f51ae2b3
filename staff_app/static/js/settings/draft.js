// The settings being edited: a copy that is changed by path, compared with what counts, and sent whole.

/** @typedef {(string|number)[]} Path */

export class Draft {
  /** @param {any} settings @param {() => void} changed called after every change */
  constructor(settings, changed) {
    this.before = settings;
    this.now = structuredClone(settings);
    this.changed = changed;
  }

  /** @param {Path} path @returns {any} */
  get(path) {
    return path.reduce((/** @type {any} */ place, step) => place?.[step], this.now);
  }

  /** Put a value; undefined takes the key away. @param {Path} path @param {any} value */
  set(path, value) {
    const last = /** @type {string|number} */ (path.at(-1));
    let place = this.now;
    for (const step of path.slice(0, -1)) place = place[step] ??= {};
    if (value !== undefined) place[last] = value;
    else if (Array.isArray(place)) place.splice(Number(last), 1);
    else delete place[last];
    this.changed();
  }

  get dirty() {
    return JSON.stringify(this.now) !== JSON.stringify(this.before);
  }

  revert() {
    this.now = structuredClone(this.before);
    this.changed();
  }
}

/** A name as an id that is not taken yet: "Conseil photo" is "conseil-photo". @param {string} name @param {Record<string, any>} taken @param {string} fallback */
export function identifier(name, taken, fallback) {
  const plain = name.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 36);
  const base = plain || fallback;
  for (let n = 1; ; n += 1) {
    const id = n === 1 ? base : `${base}-${n}`;
    if (!(id in taken)) return id;
  }
}
