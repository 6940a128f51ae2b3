// A page that was opened while the server is away waits for it instead of failing.

const RETRY_MS = 3000;

/** Ask again every few seconds until the server has answered. @template T @param {() => Promise<T>} ask @param {() => void} [missed] called when it has not @returns {Promise<T>} */
export async function until(ask, missed) {
  for (;;) {
    try {
      return await ask();
    } catch {
      missed?.();
      await new Promise((later) => setTimeout(later, RETRY_MS));
    }
  }
}
