// What the machines at the entrance have to say: somebody needs help at the kiosk, no paper, no printer. Asked every
// few seconds, shown above everything until somebody says "I see to it". Both faces of the people of the store use it.

import { command } from "/static/web/js/api.js";
import { fill, say } from "/static/web/js/dom.js";
import { get, h, icon, t } from "./shared.js";
import { buzz } from "./sound.js";

const ASK_MS = 4000;
const ICONS = { colleague: "people", help: "people", paper: "ticket", printer: "ticket", slip: "swap" };

/** Where alerts are shown; a screen that is drawn anew every second leaves what is in it alone. @returns {HTMLElement} */
export const alertsPlace = () => h("div", { class: "alerts", "aria-label": t("staff.alerts"), role: "status", "data-key": "alerts", "data-own": "" });

/**
 * Watch a store's alerts until `signal` ends it, above everything, or in the place that a screen draws for them.
 * @param {string} base "/api/v1/stores/volt" @param {AbortSignal} signal @param {{me?: string, place?: () => Element|null}} [at] me: whose own call is theirs to take back
 */
export function watchAlerts(base, signal, { me = "", place: drawn } = {}) {
  const own = drawn ? null : alertsPlace();
  if (own) document.body.append(own);
  let shown = "";

  const ask = async () => {
    if (document.visibilityState === "hidden") return;
    const answer = await get(`${base}/alerts`).catch(() => null);
    const place = drawn ? drawn() : own;
    if (!answer || !place || signal.aborted) return;
    const signature = JSON.stringify(answer.body.map((/** @type {any} */ a) => [a.id, a.by]));
    if (signature === shown) return;
    if (answer.body.some((/** @type {any} */ a) => !a.by && a.asker !== me && !shown.includes(a.id))) buzz();
    shown = signature;
    fill(place, answer.body.map((/** @type {any} */ alert) => bar(alert)));
  };

  /** @param {any} alert */
  const bar = (alert) => {
    const act = (/** @type {string} */ verb) => command(`${base}/alerts/${alert.id}/${verb}`, {}).then(ask, ask);
    const mine = Boolean(alert.asker) && alert.asker === me;
    const kind = alert.kind === "colleague" ? (mine ? "colleague_mine" : alert.place ? "colleague" : "colleague_roaming") : alert.kind;
    const text = t(`staff.alert_${kind}`, { place: alert.place || "1", slip: alert.slip, number: alert.number || "–", name: alert.asks });
    const taken = h("span", { class: "small" });
    say(taken, alert.by ? t("staff.alert_taken", { name: alert.by }) : "");
    return h("div", { class: "notice notice-warn alert", data: { alert: alert.kind } }, icon(ICONS[/** @type {"help"} */ (alert.kind)] || "info"), h("span", null, text, " ", taken),
      alert.by || mine ? h("button", { class: "btn", type: "button", on: { click: () => act("over") } }, t(alert.by ? "staff.alert_over" : "staff.never_mind")) : h("button", { class: "btn btn-main", type: "button", on: { click: () => act("take") } }, t("staff.alert_take")));
  };

  const timer = setInterval(ask, ASK_MS);
  signal.addEventListener("abort", () => (clearInterval(timer), own?.remove()));
  void ask();
}
