/** A quiz, one question at a time; the explanation comes whatever was answered, and nobody is timed. */
import { fill, h, icon } from "/static/web/js/dom.js";
import { t } from "/static/web/js/i18n.js";

/** @param {{question: string, options: string[], answer: number, why: string}[]} questions @param {string} [language] theirs, which may not be the page's @returns {HTMLElement} */
export function quiz(questions, language) {
  const place = h("div", { class: "quiz stack" });
  let right = 0;
  const theirs = { lang: language, dir: "auto" };

  const ask = (/** @type {number} */ n) => {
    if (n >= questions.length) return fill(place, h("p", { class: "plate plate-l", role: "status" }, t("phone.reading.quiz_score", { n: right, total: questions.length })));
    const { question, options } = questions[n];
    const title = h("h3", { ...theirs, tabindex: "-1" }, question);
    const buttons = options.map((text, k) => h("button", { ...theirs, class: "btn btn-wide quiz-option", type: "button", on: { click: () => tell(n, k, buttons) } }, text));
    fill(place, h("div", { class: "bar", "aria-hidden": "true" }, h("i", { vars: { "--fill": n / questions.length } })), title, buttons);
    if (n > 0) title.focus();
  };

  const tell = (/** @type {number} */ n, /** @type {number} */ k, /** @type {HTMLElement[]} */ buttons) => {
    const { answer, why } = questions[n];
    right += Number(k === answer);
    buttons.forEach((b, i) => {
      b.setAttribute("disabled", "");
      if (i === answer) (b.classList.add("is-right"), b.prepend(icon("check")));
      else if (i === k) (b.classList.add("is-wrong"), b.prepend(icon("close")));
    });
    const next = h("button", { class: "btn", type: "button", on: { click: () => ask(n + 1) } }, t("phone.reading.quiz_next"), icon("next"));
    place.append(h("p", { role: "status" }, h("strong", null, `${t(k === answer ? "phone.reading.quiz_right" : "phone.reading.quiz_wrong")} `), h("span", theirs, why)), next);
    next.focus();
  };

  ask(0);
  return place;
}
