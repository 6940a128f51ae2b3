// Today's accounting: a bar whose parts add up to 100 %, and the same in words and figures.

import { PLACES, shares } from "../accounts.js";
import { h, number, t } from "../shared.js";

const UNANSWERED = new Set(["left", "vanished", "closed", "balked"]);

/** @param {any} view */
export function accounting(view) {
  const parts = shares(view.accounts);
  const total = parts.reduce((sum, part) => sum + part.count, 0);
  return [
    h("div", { class: "panel-head" }, h("h2", { id: "accounts-title" }, t("manager.accounts"))),
    total === 0 ? h("p", { class: "quiet" }, t("manager.nothing_yet")) : bar(parts),
    total > 0 && h("table", { class: "table accounts", "aria-labelledby": "accounts-title" },
      h("tbody", {}, ...PLACES.slice(0, 2).map((place) => row(parts, place)), unanswered(parts),
        ...PLACES.slice(2).map((place) => row(parts, place))),
      h("tfoot", {}, h("tr", { "data-place": "total" }, h("th", { scope: "row" }, t("manager.accounts_total")),
        h("td", { class: "num", "data-account": "total" }, number(total)), h("td", { class: "num" }, percent(1000))))),
    view.accounts.void > 0 && h("p", { class: "small quiet" }, `${t("manager.place_void")} : ${number(view.accounts.void)}`),
  ];
}

/** @param {import("../accounts.js").Share[]} parts */
const bar = (parts) =>
  h("div", { class: "account-bar", role: "img", "aria-label": parts.map((p) => `${t(`manager.place_${p.place}`)} ${percent(p.tenths)}`).join(", ") },
    ...parts.filter((p) => p.count > 0).map((p) => h("i", { "data-key": p.place, "data-place": p.place, vars: { "--share": p.tenths } })));

/** @param {import("../accounts.js").Share[]} parts @param {string} place */
function row(parts, place) {
  const part = parts.find((p) => p.place === place);
  return h("tr", { "data-place": place, "data-under": String(UNANSWERED.has(place)) },
    h("th", { scope: "row" }, h("i", { class: "swatch", "data-place": place }), t(`manager.place_${place}`)),
    h("td", { class: "num", "data-account": place }, number(part?.count ?? 0)), h("td", { class: "num" }, percent(part?.tenths ?? 0)));
}

/** @param {import("../accounts.js").Share[]} parts */
function unanswered(parts) {
  const lost = parts.filter((p) => UNANSWERED.has(p.place));
  return h("tr", { class: "accounts-sum", "data-place": "unanswered" }, h("th", { scope: "row" }, t("manager.unanswered_is")),
    h("td", { class: "num", "data-account": "unanswered" }, number(lost.reduce((sum, p) => sum + p.count, 0))),
    h("td", { class: "num" }, percent(lost.reduce((sum, p) => sum + p.tenths, 0))));
}

/** @param {number} tenths */
const percent = (tenths) => t("manager.percent", { n: (tenths / 10).toLocaleString(document.documentElement.lang, { minimumFractionDigits: 1, maximumFractionDigits: 1 }) });
