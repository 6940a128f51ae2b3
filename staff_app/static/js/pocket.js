// Offers told to this phone while its screen is dark: asked for once, from the duty menu, where the server sends pushes.

import { command } from "/static/web/js/api.js";
import { get } from "./shared.js";

/** Whether this browser could be told, and is not yet. */
export const canTell = () => "serviceWorker" in navigator && "PushManager" in window && globalThis.Notification?.permission !== "denied";

/** Ask for leave, subscribe, tell the server. @param {string} base @returns {Promise<boolean>} whether offers will be told here */
export async function tellMe(base) {
  const { push_key: key } = (await get(`${base}/staff/push`)).body;
  if (!key || (await Notification.requestPermission()) !== "granted") return false;
  await navigator.serviceWorker.register("/sw.js");
  const { pushManager } = await navigator.serviceWorker.ready;
  const { endpoint, keys } = (await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key })).toJSON();
  await command(`${base}/staff/push`, { push: { endpoint, keys } });
  return true;
}
