// One try of a request, as a person watches: the answer's JSON, or an error with the server's own words.

/** @param {string} method @param {string} path @param {object} [body] @returns {Promise<any>} */
export async function call(method, path, body) {
  const headers = { "Content-Type": "application/json", Accept: "application/json", "X-Avous": "1" };
  const response = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
  const answer = response.status === 204 ? null : await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer?.message ?? String(response.status));
  return answer;
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
