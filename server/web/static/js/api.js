/**
 * Talking to the server. Reads are plain; a command carries an id made here and is sent again, with the same
 * id, until the server answers: the receipt on the other side makes it happen once. A refusal is final.
 */

const ATTEMPT_MS = 10_000; // one try; then it is sent again
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 15_000;
const RETRYABLE = new Set([408, 425, 429, 502, 503, 504]);

/** @typedef {{response: Response, text: string}} Answer  a whole one: head and body */

/** The one error shape {code, message, status, facts?, retry_after_s?} as an exception. */
export class Problem extends Error {
  /** @param {{code: string, message?: string, status?: number, facts?: Record<string, any>, retry_after_s?: number}} body */
  constructor(body) {
    super(body.message || body.code);
    this.code = body.code;
    this.status = body.status || 0;
    this.facts = body.facts || {};
    this.retryAfterS = body.retry_after_s || 0;
  }
}

/**
 * A version 7 UUID (RFC 9562): the time, then 74 random bits. Ids that were made one after the other lie side by side in the
 * server's index, which takes half the work out of writing a command. Works on plain http too (a store's own network). @returns {string}
 */
export function uuid() {
  const b = crypto.getRandomValues(new Uint8Array(16));
  for (let i = 5, ms = Date.now(); i >= 0; i--, ms = Math.floor(ms / 256)) b[i] = ms % 256;
  b[6] = (b[6] & 0x0f) | 0x70;
  b[8] = (b[8] & 0x3f) | 0x80;
  const hex = [...b].map((x) => x.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}

/**
 * GET as JSON. With `etag` answers {status: 304} when nothing changed. Throws Problem (code "offline" when unreachable).
 * @param {string} path @param {{token?: string, etag?: string|null}} [options]
 * @returns {Promise<{status: number, body: any, etag: string|null}>}
 */
export async function get(path, { token, etag } = {}) {
  const headers = { Accept: "application/json", ...auth(token), ...(etag ? { "If-None-Match": etag } : {}) };
  const answer = await attempt(path, { headers, cache: "no-store" });
  if (answer.response.status === 304) return { status: 304, body: null, etag: etag || null };
  return { status: answer.response.status, body: read(answer), etag: answer.response.headers.get("ETag") };
}

/**
 * Send a command until it is answered. Throws Problem when it is refused, or when `signal` gives up (code "given_up").
 * @param {string} path
 * @param {Record<string, any>} body an `id` is added when there is none
 * @param {{token?: string, method?: string, signal?: AbortSignal, onWait?: (attempt: number) => void}} [options] onWait: called before each new try
 * @returns {Promise<any>} the answer's JSON
 */
export async function command(path, body, { token, method = "POST", signal, onWait } = {}) {
  const text = JSON.stringify({ id: uuid(), ...body });
  const headers = { "Content-Type": "application/json", Accept: "application/json", "X-Avous": "1", ...auth(token) };
  for (let n = 0; ; n += 1) {
    if (signal?.aborted) throw new Problem({ code: "given_up" });
    try {
      return read(await attempt(path, { method, headers, body: text }));
    } catch (problem) {
      if (!(problem instanceof Problem) || !again(problem, n)) throw problem;
      onWait?.(n + 1);
      await pause(Math.max(problem.retryAfterS * 1000, backoff(n)), signal);
    }
  }
}

/** How long to wait before try n+1: doubling from 1 s to 15 s, the upper half at random. @param {number} n @returns {number} ms */
export function backoff(n) {
  const most = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(n, 10));
  return most / 2 + (Math.random() * most) / 2;
}

/**
 * Something the page needs, asked for until it is there: the line may be cut just then, and an unattended screen has nobody to press
 * reload. So are the modules that come later, `() => import("./x.js")`; what somebody taps for is asked for once, and the tap answered.
 * @template T @param {() => Promise<T>} fetching @returns {Promise<T>}
 */
export async function insist(fetching) {
  for (let n = 0; ; n += 1) {
    try {
      return await fetching();
    } catch {
      await pause(backoff(n));
    }
  }
}

/** Sleep that ends early when the network comes back or the signal fires. @param {number} ms @param {AbortSignal} [signal] */
export function pause(ms, signal) {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener("online", done);
      signal?.removeEventListener("abort", done);
      resolve(undefined);
    };
    const timer = setTimeout(done, ms);
    addEventListener("online", done);
    signal?.addEventListener("abort", done);
  });
}

/** A server bug (500) is tried three times: the id makes that harmless. @param {Problem} problem @param {number} n */
function again(problem, n) {
  return problem.code === "offline" || RETRYABLE.has(problem.status) || (problem.status === 500 && n < 2);
}

/**
 * One try, its body included: an answer that breaks off after its head is no answer. Throws Problem "offline".
 * @param {string} path @param {RequestInit} init @returns {Promise<Answer>}
 */
export async function attempt(path, init) {
  try {
    const response = await fetch(path, { credentials: "same-origin", ...init, signal: AbortSignal.timeout(ATTEMPT_MS) });
    return { response, text: await response.text() };
  } catch {
    throw new Problem({ code: "offline" });
  }
}

/** What an answer says; nothing is null. Throws Problem when it is a refusal. @param {Answer} answer @returns {any} */
export function read({ response, text }) {
  const body = said(text, response.ok);
  if (response.ok) return body;
  throw new Problem({ code: "http", ...body, status: response.status, retry_after_s: body?.retry_after_s || Number(response.headers.get("Retry-After")) || 0 });
}

/**
 * The JSON of an answer, null without one. A refusal may be a proxy's, in its own words; a yes that is not ours is the page of some Wi-Fi's
 * sign-in: nobody answered (Problem "offline"). @param {string} text @param {boolean} yes
 */
export function said(text, yes) {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    if (yes) throw new Problem({ code: "offline" });
    return null;
  }
}

/** @param {string} [token] */
function auth(token) {
  return token ? { Authorization: `Bearer ${token}` } : {};
}
