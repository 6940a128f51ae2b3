// Every open ticket, in the one order, with the reasons for its place.

import { seconds } from "../promise.js";
import { h, t } from "../shared.js";
import { ago, hour, promiseMark, serviceName, shortSpan, tags } from "../words.js";

const PROMISED = new Set(["waiting", "offered", "called"]);

/** @param {any} view @param {number} now */
export function tickets(view, now) {
  const names = new Map(view.salespeople.map((/** @type {any} */ p) => [p.id, p.name]));
  const head = ["number", "service", "phase", "waited", "promise", "why"];
  return [
    h("div", { class: "panel-head" }, h("h2", { id: "tickets-title" }, t("manager.tickets")), h("p", { class: "small quiet figures" }, String(view.accounts.open))),
    view.tickets.length === 0 ? h("p", { class: "quiet" }, t("manager.tickets_none"))
      : h("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-labelledby": "tickets-title" },
          h("table", { class: "table open-tickets" },
            h("thead", {}, h("tr", {}, ...head.map((name) => h("th", { scope: "col", class: `col-${name}` }, t(`manager.col_${name}`))))),
            h("tbody", {}, ...view.tickets.map((/** @type {any} */ row) => line(view, row, names, now))))),
    view.accounts.open > view.tickets.length && h("p", { class: "small quiet" }, t("manager.tickets_cut", { n: view.tickets.length })),
  ];
}

/** @param {any} view @param {any} row @param {Map<unknown, unknown>} names @param {number} now */
function line(view, row, names, now) {
  const withName = { ...view, colleagues: view.salespeople };
  return h("tr", { "data-key": row.ticket, "data-number": row.number, "data-state": row.phase },
    h("th", { scope: "row", class: "col-number figures" }, row.number),
    h("td", { class: "col-service" }, serviceName(view, row.service)),
    h("td", { class: "col-phase" }, t(`staff.phase_${row.phase}`), note(row, names) && h("span", { class: "quiet" }, ` · ${note(row, names)}`)),
    h("td", { class: "col-waited num" }, shortSpan(ago(row.joined_at, now))),
    h("td", { class: "col-promise" }, PROMISED.has(row.phase) && seconds(row.promise_at) !== null ? promiseMark(row, now) : "–"),
    h("td", { class: "col-why" }, h("span", { class: "tags" }, ...tags({ ...row, language: null }, withName, true))));
}

/** With whom, or until when. @param {any} row @param {Map<unknown, unknown>} names */
const note = (row, names) => String(names.get(row.salesperson) ?? (row.until ? hour(row.until) : ""));
