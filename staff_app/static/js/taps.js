// Taps on bad Wi-Fi: every tap is a command with an id of its own, kept in the page's storage until the
// server has answered, sent again until it has. The server does one id once, so nothing is ever doubled.

import { said, uuid } from "/static/web/js/api.js";

const FIRST_WAIT_MS = 700;
const LONGEST_WAIT_MS = 10_000;
const ANSWER_WAIT_MS = 8_000;
const SETTLE_MS = 2_500; // an answered tap stays "pending" until the view that shows it, at most this long
const KEPT_MAX = 20;
const RETRYABLE = new Set([0, 408, 425, 429, 502, 503, 504]);

/**
 * @typedef {{id: string, verb: string, path: string, body: Record<string, unknown>, number: string|null,
 *            since: number, tries: number, late: boolean, seq: number|null}} Tap
 * @typedef {{status: number, body: any}} Answer  status 0: nobody answered
 */

export class Taps {
  /** @type {Tap[]} */ #kept = [];
  #running = false;
  #stopped = false;
  /** @type {(() => void)|null} */ #wake = null;
  #seen = -1;

  /**
   * @param {{key: string, storage?: Storage, fetcher?: typeof fetch, changed: () => void,
   *          answered: (tap: Tap, answer: Answer) => void}} options
   */
  constructor(options) {
    this.options = options;
    this.storage = options.storage ?? sessionStorage;
    this.fetcher = options.fetcher ?? fetch.bind(globalThis);
    this.#kept = JSON.parse(this.storage.getItem(options.key) ?? "[]").filter((/** @type {Tap} */ tap) => tap.seq === null);
    globalThis.addEventListener?.("online", () => this.#wake?.());
    if (this.#kept.length > 0) void this.#run();
  }

  /** Taps the server has not answered, and answered ones whose effect the view does not show yet. */
  get pending() {
    return this.#kept;
  }

  /** The newest view: taps it already shows are no longer pending. @param {number} seq */
  saw(seq) {
    this.#seen = seq;
    this.#drop((tap) => tap.seq !== null && tap.seq <= seq);
  }

  /** The server was heard again: do not wait for the next try. */
  nudge() {
    this.#wake?.();
  }

  /**
   * Keep a tap and send it. The same verb on the same ticket while it is pending is one tap.
   * @param {string} verb @param {string} path @param {Record<string, unknown>} body @param {string|null} number
   */
  add(verb, path, body, number = null) {
    const same = this.#kept.find((tap) => tap.path === path && tap.body.ticket === body.ticket);
    if (same || this.#kept.length >= KEPT_MAX) return same ?? null;
    const id = uuid();
    const tap = { id, verb, path, body: { ...body, id }, number, since: Date.now(), tries: 0, late: false, seq: null };
    this.#kept = [...this.#kept, tap];
    this.#changed();
    void this.#run();
    return tap;
  }

  /** Stop sending a tap. The server may have had it: the next view tells. @param {string} id */
  abandon(id) {
    this.#drop((tap) => tap.id === id);
    this.#wake?.();
  }

  async #run() {
    if (this.#running) return;
    this.#running = true;
    for (let tap = this.#next(); tap; tap = this.#next()) await this.#deliver(tap);
    this.#running = false;
  }

  #next() {
    return this.#stopped ? undefined : this.#kept.find((tap) => tap.seq === null);
  }

  /** @param {Tap} tap */
  async #deliver(tap) {
    const answer = await this.#send(tap);
    if (!this.#kept.includes(tap)) return;
    if (answer.status === 401) return this.#stop(tap, answer);
    if (again(tap, answer)) return this.#later(tap, answer);
    if (answer.status < 300 && (answer.body.seq ?? -1) > this.#seen) this.#settle(tap, answer.body.seq);
    else this.#drop((other) => other === tap);
    this.options.answered(tap, answer);
  }

  /** @param {Tap} tap @returns {Promise<Answer>} */
  async #send(tap) {
    tap.tries += 1;
    const abort = AbortSignal.timeout(ANSWER_WAIT_MS);
    const headers = { "Content-Type": "application/json", "X-Avous": "1" };
    try {
      const answer = await this.fetcher(tap.path, { method: "POST", headers, body: JSON.stringify(tap.body), signal: abort });
      return { status: answer.status, body: said(await answer.text(), answer.ok) ?? {} };
    } catch {
      return { status: 0, body: {} };
    }
  }

  /** @param {Tap} tap @param {Answer} answer */
  async #later(tap, answer) {
    tap.late = true;
    this.#changed();
    const doubled = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (tap.tries - 1));
    const asked = 1000 * Number(answer.body.retry_after_s ?? 0);
    await new Promise((done) => {
      const timer = setTimeout(done, Math.max(asked, doubled * (0.7 + 0.6 * Math.random())));
      this.#wake = () => (clearTimeout(timer), done(undefined));
    });
    this.#wake = null;
  }

  /** Signed out: taps are kept for the same person signing in again, and nothing is sent meanwhile. @param {Tap} tap @param {Answer} answer */
  #stop(tap, answer) {
    this.#stopped = true;
    this.options.answered(tap, answer);
  }

  /** @param {Tap} tap @param {number} seq */
  #settle(tap, seq) {
    tap.seq = seq;
    this.#changed();
    setTimeout(() => this.#drop((other) => other === tap), SETTLE_MS);
  }

  /** @param {(tap: Tap) => boolean} gone */
  #drop(gone) {
    const before = this.#kept.length;
    this.#kept = this.#kept.filter((tap) => !gone(tap));
    if (this.#kept.length !== before) this.#changed();
  }

  #changed() {
    this.storage.setItem(this.options.key, JSON.stringify(this.#kept));
    this.options.changed();
  }
}

/** Nobody answered, or a server that asks to be asked again; a server bug (500) three times, the id makes it harmless.
 * @param {Tap} tap @param {Answer} answer */
function again(tap, answer) {
  return RETRYABLE.has(answer.status) || (answer.status === 500 && tap.tries < 3);
}
