// What the machines at the entrance have to say: somebody needs help at the kiosk, no paper, no printer. Asked every
// few seconds, shown above everything until somebody says "I see to it". Both faces of the people of the store use it.

import { command } from "/static/web/js/api.js";
import { fill, say } from "/static/web/js/dom.js";
import { get, h, icon, t } from "./shared.js";
import { buzz } from "./sound.js";

const ASK_MS = 4000;
const ICONS = { colleague: "people", help: "people", paper: "ticket", printer: "ticket", slip: "swap" };

/** Watch a store's alerts until `signal` ends it. @param {string} base "/api/v1/stores/volt" @param {AbortSignal} signal */
export function watchAlerts(base, signal) {
  const place = h("div", { class: "alerts", "aria-label": t("staff.alerts"), role: "status" });
  document.body.append(place);
  let shown = "";

  const ask = async () => {
    if (document.visibilityState === "hidden") return;
    const answer = await get(`${base}/alerts`).catch(() => null);
    if (!answer || signal.aborted) return;
    const signature = JSON.stringify(answer.body.map((/** @type {any} */ a) => [a.id, a.by]));
    if (signature === shown) return;
    if (answer.body.some((/** @type {any} */ a) => !a.by && !shown.includes(a.id))) buzz();
    shown = signature;
    fill(place, answer.body.map((/** @type {any} */ alert) => bar(alert)));
  };

  /** @param {any} alert */
  const bar = (alert) => {
    const act = (/** @type {string} */ verb) => command(`${base}/alerts/${alert.id}/${verb}`, {}).then(ask, ask);
    const text = t(`staff.alert_${alert.kind}${alert.kind === "colleague" && !alert.place ? "_roaming" : ""}`, { place: alert.place || "1", slip: alert.slip, number: alert.number || "–", name: alert.asks });
    const taken = h("span", { class: "small" });
    say(taken, alert.by ? t("staff.alert_taken", { name: alert.by }) : "");
    return h("div", { class: "notice notice-warn alert", data: { alert: alert.kind } }, icon(ICONS[/** @type {"help"} */ (alert.kind)] || "info"), h("span", null, text, " ", taken),
      alert.by ? h("button", { class: "btn", type: "button", on: { click: () => act("over") } }, t("staff.alert_over")) : h("button", { class: "btn btn-main", type: "button", on: { click: () => act("take") } }, t("staff.alert_take")));
  };

  const timer = setInterval(ask, ASK_MS);
  signal.addEventListener("abort", () => (clearInterval(timer), place.remove()));
  void ask();
}
