/** Pairs: six pictures, twelve cards. By touch, or arrow keys and Enter; each card says aloud what it shows. No timer. */
import { fill, find, h, icon, say, set } from "/static/web/js/dom.js";
import { t } from "/static/web/js/i18n.js";
import { walk } from "./grid.js";

const PICTURES = ["computer", "phone", "tv", "audio", "camera", "gaming"];
const LOOK_MS = 900;

/** @returns {HTMLElement} */
export function pairs() {
  const place = h("div", { class: "stack" });
  deal(place);
  return place;
}

/** @param {HTMLElement} place */
function deal(place) {
  const cards = shuffled([...PICTURES, ...PICTURES]).map((picture, n) => ({ picture, n, found: false, up: false, button: h("button", { class: "pair", type: "button", tabindex: n ? "-1" : "0" }) }));
  const status = h("p", { class: "small quiet", role: "status" });
  let moves = 0;
  /** @type {typeof cards} */ let open = [];

  const paint = () => {
    for (const card of cards) {
      const label = card.up || card.found ? t("phone.reading.pairs_shown", { n: card.n + 1, what: t(`phone.reading.picture.${card.picture}`) }) : t("phone.reading.pairs_card", { n: card.n + 1 });
      set(card.button, "aria-label", label);
      card.button.dataset.state = card.found ? "found" : card.up ? "up" : "down";
      fill(card.button, icon(card.up || card.found ? card.picture : "mark"));
    }
    const found = cards.filter((c) => c.found).length / 2;
    say(status, found === PICTURES.length ? t("phone.reading.pairs_won", { n: moves }) : t("phone.reading.pairs_found", { n: found, total: PICTURES.length }));
    again.hidden = found < PICTURES.length;
  };

  const turn = (/** @type {(typeof cards)[0]} */ card) => {
    if (card.up || card.found || open.length === 2) return;
    card.up = true;
    open.push(card);
    if (open.length === 2) (moves += 1), settle();
    paint();
  };

  const settle = () => {
    if (open[0].picture === open[1].picture) open.forEach((c) => (c.found = true)), (open = []);
    else setTimeout(() => (open.forEach((c) => (c.up = false)), (open = []), paint()), LOOK_MS);
  };

  const again = h("button", { class: "btn", type: "button", hidden: true, on: { click: () => (deal(place), find(".pair", place).focus()) } }, t("phone.reading.pairs_again"));
  const board = h("div", { class: "pairs", on: { keydown: (/** @type {KeyboardEvent} */ e) => walk(e, cards.map((c) => c.button)) } }, cards.map((c) => c.button));
  cards.forEach((card) => card.button.addEventListener("click", () => turn(card)));
  fill(place, board, status, again);
  paint();
}

/** @template T @param {T[]} things @returns {T[]} */
function shuffled(things) {
  for (let n = things.length - 1; n > 0; n -= 1) {
    const k = Math.floor(Math.random() * (n + 1));
    [things[n], things[k]] = [things[k], things[n]];
  }
  return things;
}
