/** What the visit is about, prepared while waiting: four questions with a few answers each, none of them needed. */
import { command } from "/static/web/js/api.js";
import { fill, h, icon, set } from "/static/web/js/dom.js";
import { t } from "/static/web/js/i18n.js";

/** @type {Record<string, string[]>} */
const QUESTIONS = { whom: ["me", "gift", "work"], use: ["new", "replace", "repair", "compare"], budget: ["low", "middle", "high", "open"], size: ["small", "medium", "large"] };

/** @param {string} token @param {() => void} done @returns {HTMLElement} */
export function needs(token, done) {
  /** @type {Record<string, string>} */
  const chosen = {};
  const place = h("div", { class: "stack needs" });
  const pick = (/** @type {string} */ question, /** @type {string} */ answer, /** @type {HTMLElement[]} */ buttons) => {
    if (chosen[question] === answer) delete chosen[question];
    else chosen[question] = answer;
    buttons.forEach((b) => set(b, "aria-pressed", String(b.dataset.answer === chosen[question])));
  };
  const groups = Object.entries(QUESTIONS).map(([question, answers]) => {
    /** @type {HTMLElement[]} */
    const buttons = answers.map((answer) => h("button", { class: "btn chip-choice", type: "button", data: { answer, question }, "aria-pressed": "false", on: { click: () => pick(question, answer, buttons) } }, t(`phone.needs.${question}_${answer}`)));
    return h("div", { class: "field", role: "group", "aria-label": t(`phone.needs.${question}`) }, h("span", null, t(`phone.needs.${question}`)), h("div", { class: "chips" }, buttons));
  });
  const send = async () => {
    await command("/api/v1/ticket/needs", chosen, { token });
    fill(place, h("p", { class: "notice notice-go", role: "status" }, icon("check"), h("span", null, t("phone.needs.thanks"))));
    done();
  };
  fill(place, groups, h("p", { class: "small quiet" }, t("phone.needs.consent")), h("button", { class: "btn btn-main btn-wide", type: "button", data: { action: "needs" }, on: { click: send } }, icon("check"), t("phone.needs.send")));
  return place;
}
