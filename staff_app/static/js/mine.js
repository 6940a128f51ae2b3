// My own four weeks, for me alone: nothing below five visits.

import { get, h, number, t } from "./shared.js";
import { fillSheet, stillOpen, whyNot } from "./sheets.js";
import { span } from "./words.js";

/** Show them. @param {string} base */
export async function openMine(base) {
  fillSheet("mine", [h("h2", {}, t("staff.mine")), h("p", { class: "quiet" }, t("staff.loading"))]);
  const found = await get(`${base}/staff/report`).then(({ body }) => body, (problem) => problem);
  if (stillOpen("mine")) fillSheet("mine", [h("h2", {}, t("staff.mine")), ...(found instanceof Error ? [h("p", { class: "notice notice-warn" }, whyNot(found))] : figures(found.own)),
    h("p", { class: "small quiet" }, t("staff.mine_how"))]);
}

/** @param {any} own */
function figures(own) {
  if (!own) return [h("p", { class: "quiet" }, t("staff.mine_few"))];
  const rows = [["mine_steps", number(own.steps)], ["mine_takes", span(own.service.mean_s)], ["mine_nine", span(own.service.p90_s)]];
  if (own.duty) rows.push(["mine_duty", span(own.duty.on_duty_s)], ["mine_with", span(own.duty.with_shoppers_s)], ["mine_paused", span(own.duty.paused_s)]);
  return [h("table", { class: "table" }, h("tbody", {}, ...rows.map(([name, text]) => h("tr", { "data-mine": name }, h("th", { scope: "row" }, t(`staff.${name}`)), h("td", { class: "num" }, text)))))];
}
