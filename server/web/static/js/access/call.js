// One try of a request, as a person watches: the answer's JSON, or an error with the server's own words.

import { attempt, read } from "/static/web/js/api.js";

/** @param {string} method @param {string} path @param {object} [body] @returns {Promise<any>} */
export async function call(method, path, body) {
  const headers = { "Content-Type": "application/json", Accept: "application/json", "X-Avous": "1" };
  return read(await attempt(path, { method, headers, body: body && JSON.stringify(body) }));
}

/**
 * Run something a person asked for; what goes wrong is said in #problem.
 * @param {() => Promise<void>} act
 */
export async function told(act) {
  const problem = /** @type {HTMLElement} */ (document.querySelector("#problem"));
  problem.textContent = problem.className = "";
  try {
    await act();
  } catch (error) {
    problem.textContent = /** @type {Error} */ (error).message;
    problem.className = "notice notice-stop";
  }
}
