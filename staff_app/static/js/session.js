// Who is signed in on this device, and the sign-in screen's calls.

import { call } from "/static/web/js/access/call.js";
import { find, get, keep, recall } from "./shared.js";

/** @typedef {{salesperson: string, name: string, role: string, store: string, home?: string}} Session  `home`: where they work, when they look at another store */

const SESSION = "/api/v1/session";
const STORE_KEY = "avous.staff.store";
const PERSON_KEY = "avous.staff.person";

/** The session of this device, or null when nobody is signed in. Throws Problem when the server cannot be reached. @returns {Promise<Session|null>} */
export async function current() {
  try {
    return acting((await get(SESSION)).body);
  } catch (problem) {
    if (/** @type {any} */ (problem).status === 401 || /** @type {any} */ (problem).status === 403) return null;
    throw problem;
  }
}

/** Whether somebody has a manager's desk, to run stores or to look at them. @param {Session} session */
export const hasDesk = (session) => session.role !== "salesperson";

/** Whether they may change what they see. @param {Session} session */
export const runs = (session) => hasDesk(session) && session.role !== "read_only";

/** The store that this page's address names, if it names one. */
const named = () => new URLSearchParams(location.search).get("store");

/** A desk's page at another store says so in its address; the server decides whether that may be. @param {Session|null} session */
export function acting(session) {
  const asked = named();
  return session && asked && location.pathname.startsWith("/manager") ? { ...session, store: asked, home: session.store } : session;
}

/** The address of a page of the desk, at the store this one's address names. @param {string} path with a #part or without */
export function deskPath(path) {
  const store = named();
  const [page, part] = path.split("#");
  return store ? `${page}?store=${encodeURIComponent(store)}${part ? `#${part}` : ""}` : path;
}

/** @param {string} store @param {string} salesperson @param {string} pin @returns {Promise<Session>} */
export async function signIn(store, salesperson, pin) {
  const session = await call("POST", SESSION, { store, salesperson, pin });
  keep(STORE_KEY, store);
  keep(PERSON_KEY, salesperson);
  return acting(session);
}

export const signOut = () => call("DELETE", SESSION);

/** What was chosen last time on this device. */
export const remembered = () => ({ store: recall(STORE_KEY), person: recall(PERSON_KEY) });

/** The stores of this server with the names of their classes of shoppers, as the page says. @returns {{id: string, name: string, classes?: Record<string, Record<string, string>>}[]} */
export const stores = () => JSON.parse(find("#app").dataset.stores ?? "[]");

/** @param {string} store @returns {Promise<{id: string, name: string, role?: string}[]>} */
export const people = async (store) => (await get(`/api/v1/stores/${store}/people`)).body;
