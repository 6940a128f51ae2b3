/** Registers the service worker (sw.js) and tells it what this page needs to open again without the server. */

/** Keep this page, everything it has loaded, and these addresses. Does nothing where there are no service workers (plain http in a store). @param {string[]} [more] */
export async function keepForLater(more = []) {
  if (!("serviceWorker" in navigator)) return;
  await navigator.serviceWorker.register("/sw.js").catch(() => null);
  const { active } = await navigator.serviceWorker.ready;
  const loaded = performance.getEntriesByType("resource").map((entry) => new URL(entry.name)).filter((url) => url.origin === location.origin && /^\/(static|i18n)\/|\/(look\.css|logo)$/.test(url.pathname));
  active?.postMessage({ keep: [location.pathname + location.search, ...loaded.map((url) => url.pathname + url.search), ...more] });
}
