// What is better read than seen: services side by side, what was read, stars, the door, the team as a whole.

import { command } from "/static/web/js/api.js";
import { h, has, language, number, t } from "../shared.js";
import { percent, REASONS, time } from "./figures.js";

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
    h("td", { class: "num" }, number(cell.came)), h("td", { class: "num" }, percent(cell.unanswered_share), h("small", { class: "report-why" }, why(cell))),
    ...[time(cell.waits.p50_s), time(cell.waits.p90_s), percent(cell.promise.kept_share), time(cell.service.mean_s)]
      .map((text) => h("td", { class: "num" }, text)));

/** How many for which reason. @param {any} cell */
const why = (cell) => REASONS.filter((reason) => cell[reason]).map((reason) => t(`reports.few_${reason}`, { n: cell[reason] })).join(", ");

/** The share of all who joined that was called in so many minutes. @param {any} waits */
export function within(waits) {
  const limits = Object.entries(waits.within);
  return h("table", { class: "table report-within", "data-within": "" }, h("caption", { class: "small strong" }, t("reports.within_how")),
    h("thead", {}, h("tr", {}, ...limits.map(([s]) => h("th", { scope: "col", class: "num" }, time(Number(s)))))),
    h("tbody", {}, h("tr", {}, ...limits.map(([, share]) => h("td", { class: "num" }, percent(share))))));
}

/** @param {any} content @param {Map<string, string>} titles */
export function contentUse(content, titles) {
  const items = Object.entries(content.opened).sort(([, a], [, b]) => b - a);
  if (!items.length) return [h("p", { class: "quiet" }, t("reports.nothing_read"))];
  const { readers, others } = content;
  return [
    h("ul", { class: "report-list report-used" }, ...items.slice(0, 8).map(([item, count]) => h("li", {}, h("span", {}, titles.get(item) ?? item), h("span", {}, t("reports.opened_finished", { opened: number(count), finished: number(content.finished[item] || 0) }), answersTo(content.answers[item]))))),
    readers.left_share !== null && others.left_share !== null &&
      h("p", { class: "small" }, t("reports.content_effect", { readers: percent(readers.left_share), others: percent(others.left_share) })),
    h("p", { class: "small quiet" }, t("reports.content_caveat")),
  ].filter(Boolean);
}

/** A poll's answers, option by option, as "answer 1: 12, answer 2: 5". @param {Record<string, number>|undefined} answers @returns {string} */
const answersTo = (answers) => (answers ? ` · ${Object.entries(answers).map(([option, count]) => t("reports.answer", { option: Number(option) + 1, count: number(count) })).join(", ")}` : "");

/** @param {any} rating */
export function rating(rating) {
  if (!rating.n) return [h("p", { class: "quiet" }, t("reports.no_rating"))];
  const mean = rating.mean.toLocaleString(language(), { maximumFractionDigits: 1, minimumFractionDigits: 1 });
  return [
    h("p", { class: "figure-value" }, t("reports.stars", { mean })), h("p", { class: "small quiet" }, t("reports.ratings", { n: rating.n })),
    h("ul", { class: "report-list report-stars" }, ...[5, 4, 3, 2, 1].map((stars) => h("li", {}, h("span", {}, t("reports.star", { n: stars })),
      h("i", { class: "report-bar", vars: { "--share": (rating.stars[stars] / rating.n).toFixed(3) } }), h("b", {}, number(rating.stars[stars]))))),
  ];
}

/** @param {any} counted @param {Node|false} file */
export function doors(counted, file) {
  if (!counted) return [h("p", { class: "quiet" }, t("reports.doors_unknown")), file];
  return [file, h("p", {}, t("reports.doors_words", { n: counted.never_asked, came: number(counted.came), share: percent(counted.came ? counted.never_asked / counted.came : null) }))];
}

/** A counter's file is taken in, and the report drawn anew. @param {string} base @param {() => void} again */
export function doorFile(base, again) {
  const line = h("p", { class: "small", role: "status" });
  const pick = /** @type {HTMLInputElement} */ (h("input", { type: "file", id: "doors", accept: ".csv,text/csv" }));
  pick.addEventListener("change", async () => {
    const text = await pick.files?.[0]?.text();
    if (text === undefined) return;
    try {
      const taken = await command(`${base}/manager/doors`, { text });
      line.textContent = t("reports.doors_taken", { n: taken.hours });
      again();
    } catch (problem) {
      const { code, facts, message } = /** @type {any} */ (problem);
      line.textContent = code === "bad_field" ? t("reports.doors_bad", { line: String(facts.field).replace("line ", "") }) : has(`errors.${code}`) ? t(`errors.${code}`, facts) : message;
    }
  });
  return h("div", { class: "report-doors stack stack-s" }, h("div", { class: "field" }, h("label", { for: "doors" }, t("reports.doors_file")), pick), h("p", { class: "small quiet" }, t("reports.doors_how")), line);
}

/** @param {any} team @param {any} now */
export function people(team, now) {
  const rows = [["people_count", number(team.people)], ["people_steps", number(team.steps)], ["people_takes", time(team.service.mean_s)], ["people_nine", time(team.service.p90_s)],
    ["walking", time(now.walking.mean_s)], ...duty(team.duty)];
  return [
    h("table", { class: "table" }, h("tbody", {}, ...rows.map(([name, text]) => h("tr", { "data-team": name }, h("th", { scope: "row" }, t(`reports.${name}`)), h("td", { class: "num" }, text))))),
    h("p", { class: "small quiet" }, t("reports.people_how")),
  ];
}

/** Time on duty and what became of it; nothing where nobody's is known. @param {any} known @returns {[string, string][]} */
function duty(known) {
  if (!known) return [["idle", t("reports.unknown")]];
  const of = (/** @type {string} */ part) => t("reports.of_duty", { time: time(known[part]), share: percent(known[part] / known.on_duty_s) });
  return [["on_duty", time(known.on_duty_s)], ["with_shoppers", of("with_shoppers_s")], ["paused", of("paused_s")], ["idle", of("idle_s")], ["idle_waiting", of("idle_while_waiting_s")]];
}
