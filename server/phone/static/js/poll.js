/** A poll: one touch answers; then what others in the store have said today, once enough of them have. */
import { get } from "/static/web/js/api.js";
import { fill, h, icon } from "/static/web/js/dom.js";
import { t } from "/static/web/js/i18n.js";

/** @param {any} item @param {import("./reading.js").About} about @returns {HTMLElement} */
export function poll({ id, poll: { question, options }, language }, { store, actions, seen }) {
  const place = h("div", { class: "stack poll" });
  const given = answerOf(id, seen);
  if (given !== null) tell(given);
  else fill(place, h("h3", { lang: language, dir: "auto" }, question), options.map((/** @type {string} */ text, /** @type {number} */ n) =>
    h("button", { class: "btn btn-wide", type: "button", lang: language, dir: "auto", data: { action: "vote", option: String(n) }, on: { click: () => vote(n) } }, text)));

  /** @param {number} n */
  async function vote(n) {
    if (await actions.content(`${id}:${n}`)) tell(n);
  }

  /** @param {number} mine */
  async function tell(mine) {
    const { answers, total } = (await get(`/api/v1/stores/${store}/polls/${id}`).catch(() => ({ body: { answers: {}, total: 0 } }))).body;
    const rows = options.map((/** @type {string} */ text, /** @type {number} */ n) => rowOf(text, n === mine, total ? (answers[n] || 0) / total : null));
    fill(place, h("h3", { lang: language, dir: "auto" }, question), h("p", { role: "status", class: "strong" }, t("phone.reading.poll_thanks")),
      h("ul", { class: "poll-rows", lang: language }, rows), h("p", { class: "small quiet" }, total ? t("phone.reading.poll_others", { n: total }) : t("phone.reading.poll_few")));
  }
  return place;
}

/** @param {string} text @param {boolean} mine @param {number|null} share */
function rowOf(text, mine, share) {
  return h("li", { data: { mine: String(mine) } }, h("span", { dir: "auto" }, mine ? icon("check") : null, text), share === null ? null : h("b", null, t("phone.reading.percent", { n: Math.round(share * 100) })),
    share === null ? null : h("span", { class: "bar", "aria-hidden": "true" }, h("i", { vars: { "--fill": share } })));
}

/** What this ticket has answered: the option's number, or null. @param {string} id @param {Set<string>} seen @returns {number|null} */
function answerOf(id, seen) {
  const given = [...seen].find((/** @type {string} */ s) => s.startsWith(`${id}:`) && /:\d+$/.test(s));
  return given ? Number(given.slice(id.length + 1)) : null;
}
