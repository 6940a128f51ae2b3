// Services as lanes: who waits, in order, each ticket coloured by its promise; what newcomers are told.

import { standing } from "../promise.js";
import { h, icon, t } from "../shared.js";
import { promiseText, serviceName } from "../words.js";
import { toldCurve } from "./chart.js";
import { minutes } from "./headline.js";

const PLATES_MAX = 40;
const WHOLE_PLATES = 6; // the first ones say their time; a long line behind them is read by colour
const SHOWN = new Set(["waiting", "offered", "away"]);

/** @param {any} view @param {number} now @param {import("./history.js").History} history */
export const lanes = (view, now, history) => [
  h("div", { class: "panel-head" }, h("h2", {}, t("manager.services")), legend()),
  h("p", { class: "lane lane-heads tiny quiet", "aria-hidden": "true" }, ...["service", "waiting", "told", "told_past"].map((name) => h("span", {}, t(`manager.head_${name}`)))),
  h("ul", { class: "lanes" }, ...view.services.map((/** @type {any} */ service) => lane(view, service, now, history))),
];

const legend = () =>
  h("p", { class: "legend small quiet" }, ...["ahead", "risk", "broken"].map((state) =>
    h("span", {}, h("i", { class: "swatch", "data-standing": state }), t(`manager.legend_${state}`))));

/** @param {any} view @param {any} service @param {number} now @param {import("./history.js").History} history */
function lane(view, service, now, history) {
  const name = serviceName(view, service.id);
  const running = view.phase === "open" || view.phase === "closed";
  const nobody = service.people === 0 && running;
  return h("li", { class: "lane", "data-key": service.id, "data-service": service.id, "data-nobody": String(nobody) },
    h("div", { class: "lane-name" }, h("h3", {}, name),
      running && h("p", { class: "small quiet", "data-nobody": String(nobody) }, service.people === 0 ? t("manager.service_nobody")
        : [t("manager.service_people", { n: service.people }), service.serving ? t("manager.service_serving", { n: service.serving }) : ""].filter(Boolean).join(" · "))),
    plates(view, service, now, name),
    h("p", { class: "lane-told" }, service.range
      ? h("span", { class: "range" }, h("b", {}, minutes(service.range)), h("span", {}, "min")) : h("span", { class: "quiet" }, h("span", { "aria-hidden": "true" }, "–"), h("span", { class: "unseen" }, t("manager.told_unknown")))),
    toldCurve(history.of(service.id), now, name));
}

/** @param {any} view @param {any} service @param {number} now @param {string} name */
function plates(view, service, now, name) {
  const rows = view.tickets.filter((/** @type {any} */ row) => row.service === service.id && SHOWN.has(row.phase));
  if (service.waiting === 0 && rows.length === 0) return h("p", { class: "lane-empty small quiet" }, t("manager.service_none"));
  return h("ol", { class: "plates", "aria-label": t("manager.lane_label", { service: name }) },
    ...rows.slice(0, PLATES_MAX).map((/** @type {any} */ row, /** @type {number} */ i) => plate(row, now, i >= WHOLE_PLATES)),
    rows.length > PLATES_MAX && h("li", { class: "small quiet" }, `+${rows.length - PLATES_MAX}`));
}

/** @param {any} row @param {number} now @param {boolean} small */
function plate(row, now, small) {
  const state = standing(row, now);
  return h("li", { class: "ticket-plate", "data-key": row.ticket, "data-number": row.number, "data-standing": state, "data-state": row.phase,
    "data-small": String(small), title: `${row.number} · ${t(`staff.promise_state_${state}`)}` },
    h("b", {}, row.number, row.card && icon("priority", t("staff.chip_card"))),
    h("span", { class: small ? "unseen" : null }, row.phase === "away" ? t("staff.phase_away") : promiseText(row, now)),
    h("span", { class: "unseen" }, t(`staff.promise_state_${state}`)));
}
