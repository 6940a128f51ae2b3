/** Calling the people of the store: help wanted, no paper, a slip that shows another number than its ticket has. */
import { command, get, uuid } from "/static/web/js/api.js";

const LOOK_MS = 3000;

/** Tell them, until it is heard. @param {string} store @param {{kind: string, id?: string, slip?: string, number?: string}} what @returns {Promise<any>} */
export function tell(store, what) {
  const digit = new URLSearchParams(location.search).get("kiosk") || "1";
  return command(`/api/v1/stores/${store}/alerts`, { place: digit.slice(0, 8), ...what }).catch(() => null);
}

/**
 * Call somebody to this screen. `onComing` gets the name of who comes. @param {string} store @param {(name: string) => void} onComing
 * @returns {() => void} never mind
 */
export function callForHelp(store, onComing) {
  const id = uuid();
  const path = `/api/v1/stores/${store}/alerts/${id}`;
  tell(store, { kind: "help", id });
  const timer = setInterval(async () => {
    const by = await get(path).then(({ body }) => body.by).catch(() => "");
    if (by) onComing(by);
  }, LOOK_MS);
  return () => {
    clearInterval(timer);
    command(`${path}/over`, {}).catch(() => {});
  };
}
