/**
 * A view that stays current: one socket that sends whole views, never deltas. It comes back after anything
 * (sleep, tunnel, restart, back/forward cache), asks by plain GET while it cannot, and tells how fresh it is.
 *
 *   const live = openView({path: "/ws/phone", hello: () => ({token}), poll: "/api/v1/ticket", token, onView, onStatus});
 *   live.resync()  live.close()  live.status
 */
import { backoff, get } from "./api.js";
import { keep } from "./prefs.js";

const POLL_MS = 10_000; // while there is no socket
const SILENCE_MS = 30_000; // a socket silent for this long is checked by a GET
const HIDDEN_MS = 5_000; // hidden longer than this: the socket may be dead without knowing
const OTHER_DAY_MS = 120_000; // a lower seq this far in time is another business day, not an old view
const GONE = 4401;
const TAKEN = 4409;
const TAB = "avous.tab"; // which tab of this browser shows it

/**
 * @typedef {{state: "connecting"|"live"|"polling"|"waiting"|"gone"|"taken", updatedAt: number|null}} Status
 *   live: socket open. polling: no socket, GETs work. waiting: neither. gone: the token is unknown. taken: another window took over.
 *   updatedAt: Date.now() of the last proof that the view was current.
 * @typedef {{path: string, hello: () => object, poll: string, token?: string, alone?: string, onView: (view: any) => void, onStatus?: (status: Status) => void}} Options
 *   alone: what only one tab of this browser shows at a time, the one that opened it last or was looked at last.
 */

/** Whether a view may replace the one on screen: seq never goes back within a day. @param {any} next @param {any} last @returns {boolean} */
export function newer(next, last) {
  if (!last || next.seq >= last.seq) return true;
  return Math.abs(Date.parse(next.at) - Date.parse(last.at)) > OTHER_DAY_MS;
}

/** @param {Options} options */
export function openView(options) {
  return new LiveView(options);
}

class LiveView {
  /** @param {Options} options */
  constructor(options) {
    this.options = options;
    /** @type {any} */ this.view = null;
    /** @type {string|null} */ this.etag = null;
    /** @type {Status} */ this.status = { state: "connecting", updatedAt: null };
    /** @type {WebSocket|null} */ this.socket = null;
    this.tries = 0;
    this.hiddenAt = 0;
    this.heardAt = 0;
    this.stopped = false;
    this.claimedAt = 0;
    this.wakers = [
      on(document, "visibilitychange", () => this.#visibility()),
      on(window, "pageshow", (event) => /** @type {PageTransitionEvent} */ (event).persisted && this.resync()),
      on(window, "online", () => this.stopped || this.resync()),
      on(window, "storage", (event) => this.#elsewhere(/** @type {StorageEvent} */ (event))),
    ];
    this.#claim();
    this.checker = setInterval(() => this.#check(), POLL_MS);
    this.#connect();
  }

  /** Drop the socket and make a new one at once; also takes a view back from another tab. */
  resync() {
    if (this.stopped && this.status.state !== "taken") return;
    this.#claim();
    this.stopped = false;
    this.tries = 0;
    this.#connect();
  }

  /** Stop for good. */
  close() {
    this.stopped = true;
    clearInterval(this.checker);
    clearTimeout(this.timer);
    this.wakers.forEach((off) => off());
    this.#drop();
  }

  #connect() {
    clearTimeout(this.timer);
    this.#drop();
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${location.host}${this.options.path}`);
    this.socket = socket;
    this.heardAt = Date.now();
    // seen: null asks for the current view at once, changed or not: only a view proves that the line is alive.
    socket.onopen = () => socket.send(JSON.stringify({ type: "hello", ...this.options.hello(), seen: null }));
    socket.onmessage = (event) => this.#message(socket, event);
    socket.onclose = (event) => socket === this.socket && this.#closed(event.code);
  }

  /** This tab shows it now; the others hear of that. */
  #claim() {
    this.claimedAt = Date.now();
    if (this.options.alone) keep(TAB, `${this.claimedAt} ${this.options.alone}`);
  }

  /** Another tab says so; a tab that slept may hear it after it has been looked at again. @param {StorageEvent} event */
  #elsewhere({ key, newValue }) {
    const [at, what] = (newValue || "").split(" ");
    if (key !== TAB || what !== this.options.alone || Number(at) < this.claimedAt) return;
    clearTimeout(this.timer);
    this.#drop();
    this.#closed(TAKEN);
  }

  #drop() {
    const socket = this.socket;
    this.socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  /** @param {WebSocket} socket @param {MessageEvent} event */
  #message(socket, event) {
    if (socket !== this.socket) return;
    const view = JSON.parse(event.data);
    if (typeof view.seq !== "number") return;
    this.tries = 0;
    this.heardAt = Date.now();
    this.#take(view);
    this.#tell("live", true);
  }

  /** @param {number} code */
  #closed(code) {
    this.socket = null;
    if (code === GONE || code === TAKEN) {
      this.stopped = true;
      this.#tell(code === GONE ? "gone" : "taken", false);
      return;
    }
    this.timer = setTimeout(() => this.#connect(), backoff(this.tries));
    this.tries += 1;
    if (this.status.state !== "polling") this.#tell(this.view ? "waiting" : "connecting", false);
    if (this.tries > 1) this.#poll();
  }

  #visibility() {
    if (document.visibilityState === "hidden") this.hiddenAt = Date.now();
    else if (Date.now() - this.hiddenAt > HIDDEN_MS || this.socket?.readyState !== WebSocket.OPEN) this.resync();
  }

  /** Every POLL_MS: poll without a socket, verify a silent one. */
  #check() {
    if (this.stopped || document.visibilityState === "hidden") return;
    const open = this.socket?.readyState === WebSocket.OPEN;
    if (!open) this.#poll();
    else if (Date.now() - this.heardAt > SILENCE_MS) this.#verify();
  }

  async #poll() {
    const fresh = await this.#fetch();
    if (this.stopped || this.socket?.readyState === WebSocket.OPEN) return;
    this.#tell(fresh === null ? "waiting" : "polling", fresh !== null);
    if (fresh !== null && this.socket === null) this.#connect(); // the server is there: no need to wait for the next try
  }

  /** A silent socket is believed only if a GET finds nothing newer. */
  async #verify() {
    const fresh = await this.#fetch();
    if (this.stopped) return;
    this.heardAt = Date.now();
    if (fresh === false) this.#tell("live", true);
    else this.#connect();
  }

  /** @returns {Promise<boolean|null>} true: something newer came; false: nothing new; null: no answer */
  async #fetch() {
    try {
      const answer = await get(this.options.poll, { token: this.options.token, etag: this.etag });
      if (answer.status === 304) return false;
      this.etag = answer.etag;
      const moved = answer.body.seq > (this.view?.seq ?? -1);
      this.#take(answer.body);
      return moved;
    } catch (problem) {
      const status = /** @type {any} */ (problem).status;
      if (status === 401 || status === 404) this.#closed(GONE);
      return null;
    }
  }

  /** @param {any} view */
  #take(view) {
    if (!newer(view, this.view)) return;
    this.view = view;
    this.options.onView(view);
  }

  /** @param {Status["state"]} state @param {boolean} proven */
  #tell(state, proven) {
    this.status = { state, updatedAt: proven ? Date.now() : this.status.updatedAt };
    this.options.onStatus?.(this.status);
  }
}

/** @param {EventTarget} target @param {string} type @param {(event: Event) => void} listener @returns {() => void} */
function on(target, type, listener) {
  target.addEventListener(type, listener);
  return () => target.removeEventListener(type, listener);
}
