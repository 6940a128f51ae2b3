/** Lamps: sixteen of them; touching one turns it and its neighbours. Put all of them out. By touch, or arrows and Enter. No timer. */
import { fill, h, icon, say, set } from "/static/web/js/dom.js";
import { t } from "/static/web/js/i18n.js";
import { COLUMNS as SIDE, walk } from "./grid.js";

const SHUFFLES = 6;

/** Those that turn with lamp `n`: itself, and above, below, left and right of it. @param {number} n @returns {number[]} */
export function turned(n) {
  const across = n % SIDE;
  return [n, n - SIDE, n + SIDE, across > 0 ? n - 1 : -1, across < SIDE - 1 ? n + 1 : -1].filter((k) => k >= 0 && k < SIDE * SIDE);
}

/** A board that can be put out: it was made by touching. @returns {boolean[]} */
function board() {
  const lit = Array(SIDE * SIDE).fill(false);
  for (let k = 0; k < SHUFFLES; k += 1) for (const n of turned(Math.floor(Math.random() * SIDE * SIDE))) lit[n] = !lit[n];
  return lit.some(Boolean) ? lit : board();
}

/** @returns {HTMLElement} */
export function lamps() {
  const place = h("div", { class: "stack" });
  deal(place);
  return place;
}

/** @param {HTMLElement} place */
function deal(place) {
  const lit = board();
  let moves = 0;
  const status = h("p", { class: "small quiet", role: "status" });
  const buttons = lit.map((_, n) => h("button", { class: "pair lamp", type: "button", tabindex: n ? "-1" : "0", on: { click: () => touch(n) } }, icon("tip")));
  const again = h("button", { class: "btn", type: "button", hidden: true, on: { click: () => deal(place) } }, t("phone.reading.pairs_again"));
  const paint = () => {
    buttons.forEach((b, n) => ((b.dataset.state = lit[n] ? "up" : "found"), set(b, "aria-label", t(`phone.reading.lamp_${lit[n] ? "on" : "off"}`, { n: n + 1 }))));
    const left = lit.filter(Boolean).length;
    say(status, left ? t("phone.reading.lamps_left", { n: left }) : t("phone.reading.lamps_won", { n: moves }));
    again.hidden = left > 0;
  };
  const touch = (/** @type {number} */ n) => {
    if (!lit.some(Boolean)) return;
    moves += 1;
    for (const k of turned(n)) lit[k] = !lit[k];
    paint();
  };
  fill(place, h("div", { class: "pairs", on: { keydown: (/** @type {KeyboardEvent} */ e) => walk(e, buttons) } }, buttons), status, again);
  paint();
}
