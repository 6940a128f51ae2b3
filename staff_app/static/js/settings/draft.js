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

  /** Whatever is new gets an id made of its name, wherever it is spoken of: logs and exports show it for good. @returns {boolean} whether an id changed */
  name() {
    const before = JSON.stringify(this.now);
    const ids = this.#rename("services", (service) => service.labels[this.now.languages[0]] ?? "", "service");
    this.#rename("salespeople", (person) => person.name, "person");
    const put = (/** @type {string} */ id) => ids.get(id) ?? id;
    for (const person of Object.values(this.now.salespeople)) person.skills = person.skills.map(put);
    this.now.booking.services = this.now.booking.services.map(put);
    for (const feed of this.now.feeds ?? []) if (feed.service) feed.service = put(feed.service);
    return JSON.stringify(this.now) !== before;
  }

  /** @param {"services"|"salespeople"} list @param {(item: any) => string} nameOf @param {string} fallback @returns {Map<string, string>} the new id by the old */
  #rename(list, nameOf, fallback) {
    const taken = { ...this.before[list], ...this.now[list] };
    const ids = new Map();
    for (const id of Object.keys(this.now[list]).filter((id) => !(id in this.before[list]))) {
      delete taken[id];
      ids.set(id, identifier(nameOf(this.now[list][id]), taken, fallback));
      taken[ids.get(id)] = true;
    }
    this.now[list] = Object.fromEntries(Object.entries(this.now[list]).map(([id, item]) => [ids.get(id) ?? id, item]));
    return ids;
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
