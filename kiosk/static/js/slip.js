/**
 * The slip: printed by the agent of this kiosk's own printer (kiosk/printer), on this machine, or, with ?printer=page, drawn by
 * the server and printed by the browser on whatever printer it has. A printer in trouble costs nobody their ticket: the
 * number is on the screen, and the people of the store are told what is wrong.
 */
import { command, uuid } from "/static/web/js/api.js";
import { now } from "/static/web/js/clock.js";
import { label, lang, t, time } from "/static/web/js/i18n.js";
import { h } from "/static/web/js/dom.js";
import { tell } from "./alerts.js";
import { dotted } from "./logo.js";

const AGENT = "http://127.0.0.1:9163";
const PRINTER = new URLSearchParams(location.search).get("printer"); // this kiosk is set up with one: /s/volt/kiosk?printer=1
const AGENT_THERE = PRINTER !== null && PRINTER !== "page";
const LOOK_MS = 30_000;

/** @typedef {"printed"|"trouble"|"none"} Outcome none: this kiosk has no printer */

/** @type {{id: string, kind: string}|null} */
let trouble = null;

/** @param {string} path @param {object} [body] @returns {Promise<{state: string}|null>} null: no agent answers */
async function ask(path, body) {
  const init = body ? { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) } : {};
  const answer = await fetch(`${AGENT}${path}`, { ...init, signal: AbortSignal.timeout(8000) }).catch(() => null);
  return answer ? answer.json().catch(() => null) : null;
}

/** Print a ticket. @param {any} info the store @param {{number: string, service: any, wait: string, url?: string, note?: string}} ticket @returns {Promise<Outcome>} */
export async function printSlip(info, { number, service, wait, url, note }) {
  if (PRINTER === null) return "none";
  const logo = info.look?.logo ? await dotted(`/s/${info.id}/logo?v=${info.look.version}`) : "";
  const lines = [url ? t("kiosk.slip.scan") : "", note || t("kiosk.slip.keep"), label(info.texts?.slip ?? {}, "")].filter(Boolean);
  const slip = { store: info.name || "", language: lang(), number, service: label(service.labels, ""), wait, at: time(now()), url: url || "", lines, logo };
  if (!AGENT_THERE) return printPage(info.id, slip);
  const heard = await ask("/print", slip);
  return seen(info.id, heard);
}

/** The server draws it, the browser prints it; a browser in kiosk mode asks nobody. @param {string} store @param {object} slip @returns {Promise<Outcome>} */
async function printPage(store, slip) {
  const init = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(slip) };
  const answer = await fetch(`/api/v1/stores/${store}/slip.svg`, { ...init, signal: AbortSignal.timeout(8000) }).catch(() => null);
  if (!answer?.ok) return "trouble";
  const paper = /** @type {HTMLImageElement} */ (h("img", { class: "slip-paper", alt: "", src: `data:image/svg+xml,${encodeURIComponent(await answer.text())}` }));
  await paper.decode().catch(() => null);
  document.body.append(paper);
  window.print();
  paper.remove();
  return "printed";
}

/** Look after the printer from now on. @param {() => string} store */
export function watch(store) {
  if (AGENT_THERE) setInterval(async () => seen(store(), await ask("/status")), LOOK_MS);
}

/** What the agent says becomes a message to the people of the store, or takes it back. @param {string} store @param {{state: string}|null} heard @returns {Outcome} */
function seen(store, heard) {
  const kind = heard === null ? "printer" : heard.state === "ok" ? "" : heard.state === "paper" ? "paper" : "printer";
  if (trouble && trouble.kind !== kind) (command(`/api/v1/stores/${store}/alerts/${trouble.id}/over`, {}).catch(() => {}), (trouble = null));
  if (!kind) return "printed";
  trouble ??= { id: uuid(), kind };
  tell(store, trouble);
  return "trouble";
}
