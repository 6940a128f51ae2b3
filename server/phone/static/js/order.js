/** In order: a handful of things in a muddle, to be touched one after the other in the right order. No timer, no penalty. */
import { fill, h, icon, say } from "/static/web/js/dom.js";
import { t } from "/static/web/js/i18n.js";

/** @param {{what: string, when: string}[]} things in the right order @param {string} [language] theirs @returns {HTMLElement} */
export function order(things, language) {
  let next = 0;
  const status = h("p", { class: "small", role: "status" });
  const list = h("ol", { class: "stack" });
  const pick = (/** @type {number} */ n, /** @type {HTMLElement} */ button) => {
    if (n !== next) return say(status, t("phone.reading.order_wrong"));
    next += 1;
    button.setAttribute("disabled", "");
    fill(button, icon("check"), h("span", null, `${things[n].what} · ${things[n].when}`));
    say(status, next === things.length ? t("phone.reading.order_right") : "");
    list.append(/** @type {Node} */ (button.parentNode));
  };
  const muddled = things.map((thing, n) => ({ thing, n, key: (n * 7 + 3) % things.length + Math.random() })).sort((a, b) => a.key - b.key);
  fill(list, muddled.map(({ thing, n }) => h("li", null, h("button", { class: "btn btn-wide", type: "button", lang: language, dir: "auto", on: { click: (/** @type {Event} */ e) => pick(n, /** @type {HTMLElement} */ (e.currentTarget)) } }, thing.what))));
  return h("div", { class: "stack" }, list, status);
}
