/**
 * The service worker of kiosk, board and phone: the network first, always; what was kept when it fails. So an update is seen
 * at once, and a page opens again while the server or the network is away. Views and tickets are never kept: they are
 * personal, or old a second later. It also receives pushes (see server/notify).
 */

const KEPT = "avous-1";
const PATIENCE_MS = 4000; // a network that hangs is no network
const SHELL = /^\/(static|i18n)\/|^\/staff$|^\/s\/[^/]+(\/kiosk|\/board|\/look\.css|\/logo)?$|^\/t\/?$|^\/api\/v1\/stores\/[^/]+$/;

addEventListener("install", () => self.skipWaiting());

addEventListener("activate", (event) => {
  event.waitUntil(caches.keys().then((names) => Promise.all(names.filter((name) => name !== KEPT).map((name) => caches.delete(name)))).then(() => self.clients.claim()));
});

addEventListener("message", (event) => {
  const paths = (event.data?.keep || []).filter((path) => SHELL.test(new URL(path, location.origin).pathname));
  event.waitUntil(caches.open(KEPT).then((cache) => Promise.all(paths.map((path) => fetch(path).then((answer) => answer.ok && cache.put(path, answer)).catch(() => {})))));
});

addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  const { origin, pathname } = new URL(url);
  if (method === "GET" && origin === location.origin && SHELL.test(pathname)) event.respondWith(newestOrKept(event.request));
});

/** @param {Request} request @returns {Promise<Response>} */
async function newestOrKept(request) {
  const cache = await caches.open(KEPT);
  const kept = (await cache.match(request, { ignoreVary: true })) || (await cache.match(request, { ignoreVary: true, ignoreSearch: true }));
  if (!kept) return fetch(request);
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (answer.ok) await cache.put(request, answer.clone());
    return answer.status < 500 ? answer : kept;
  } catch {
    return kept;
  }
}

addEventListener("push", (event) => {
  const { title, body, tag, url } = event.data.json();
  event.waitUntil(self.registration.showNotification(title, { body, tag, renotify: true, requireInteraction: tag === "called" || tag === "offer", icon: "/static/web/icon-call.svg", vibrate: [300, 150, 300, 150, 600], data: { url } }));
});

addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(self.clients.matchAll({ type: "window", includeUncontrolled: true }).then((windows) => {
    const way = event.notification.data.url || "/t/";
    const face = (/** @type {string} */ url) => new URL(url, location.origin).pathname.split("/")[1]; // t, staff, manager
    const open = windows.find((w) => face(w.url) === face(way));
    return open ? open.focus() : self.clients.openWindow(way);
  }));
});
