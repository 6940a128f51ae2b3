// What is better read than seen: services side by side, what was read, stars, the door, the team as a whole.

import { h, language, number, t } from "../shared.js";
import { percent, time } from "./figures.js";

/** @param {any} found */
export function services(found) {
  const rows = Object.entries(found.now.services);
  if (!rows.length) return h("p", { class: "quiet" }, t("reports.nobody"));
  const heads = ["service", "came", "unanswered", "wait_half", "wait_nine", "promise", "takes"];
  return h("div", { class: "report-scroll", tabindex: 0, role: "group", "aria-label": t("reports.services") }, h("table", { class: "table" },
    h("thead", {}, h("tr", {}, ...heads.map((name, i) => h("th", { scope: "col", class: i ? "num" : null }, t(`reports.col_${name}`))))),
    h("tbody", {}, ...rows.map(([id, cell]) => service(found.labels[id], id, cell)))));
}

/** @param {Record<string, string>|undefined} labels @param {string} id @param {any} cell */
const service = (labels, id, cell) =>
  h("tr", { "data-service": id }, h("th", { scope: "row" }, labels?.[language()] ?? labels?.fr ?? id),
    ...[number(cell.came), percent(cell.unanswered_share), time(cell.waits.p50_s), time(cell.waits.p90_s), percent(cell.promise.kept_share), time(cell.service.mean_s)]
      .map((text) => h("td", { class: "num" }, text)));

/** @param {any} content */
export function contentUse(content) {
  const items = Object.entries(content.opened).sort(([, a], [, b]) => b - a);
  if (!items.length) return [h("p", { class: "quiet" }, t("reports.nothing_read"))];
  const { readers, others } = content;
  return [
    h("ul", { class: "report-list" }, ...items.slice(0, 8).map(([item, count]) => h("li", {}, h("span", {}, item), h("span", {}, t("reports.opened_finished", { opened: number(count), finished: number(content.finished[item] || 0) }), answersTo(content.answers[item]))))),
    readers.left_share !== null && others.left_share !== null &&
      h("p", { class: "small" }, t("reports.content_effect", { readers: percent(readers.left_share), others: percent(others.left_share) })),
    h("p", { class: "small quiet" }, t("reports.content_caveat")),
  ].filter(Boolean);
}

/** A poll's answers, option by option, as "1: 12, 2: 5". @param {Record<string, number>|undefined} answers @returns {string} */
const answersTo = (answers) => (answers ? ` (${Object.entries(answers).map(([option, count]) => `${Number(option) + 1}: ${number(count)}`).join(", ")})` : "");

/** @param {any} rating */
export function rating(rating) {
  if (!rating.n) return [h("p", { class: "quiet" }, t("reports.no_rating"))];
  const mean = rating.mean.toLocaleString(language(), { maximumFractionDigits: 1, minimumFractionDigits: 1 });
  return [
    h("p", { class: "figure-value" }, t("reports.stars", { mean })), h("p", { class: "small quiet" }, t("reports.ratings", { n: rating.n })),
    h("ul", { class: "report-list" }, ...[5, 4, 3, 2, 1].map((stars) => h("li", {}, h("span", {}, t("reports.star", { n: stars })),
      h("i", { class: "report-bar", vars: { "--share": (rating.stars[stars] / rating.n).toFixed(3) } }), h("b", {}, number(rating.stars[stars]))))),
  ];
}

/** @param {any} counted */
export function doors(counted) {
  if (!counted) return [h("p", { class: "quiet" }, t("reports.doors_unknown"))];
  return [h("p", {}, t("reports.doors_words", { n: counted.never_asked, came: number(counted.came), share: percent(counted.came ? counted.never_asked / counted.came : null) }))];
}

/** @param {any} team @param {any} now */
export function people(team, now) {
  const rows = [["people_count", number(team.people)], ["people_steps", number(team.steps)], ["people_takes", time(team.service.mean_s)], ["people_nine", time(team.service.p90_s)],
    ["walking", time(now.walking.mean_s)]];
  return [
    h("table", { class: "table" }, h("tbody", {}, ...rows.map(([name, text]) => h("tr", {}, h("th", { scope: "row" }, t(`reports.${name}`)), h("td", { class: "num" }, text))))),
    h("p", { class: "small quiet" }, t("reports.people_how")),
  ];
}
