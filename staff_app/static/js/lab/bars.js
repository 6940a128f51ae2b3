// The staffing bars: one slider per quarter hour, for a finger, a mouse or the keyboard.
//
// One of them is in the tab order; left and right go from quarter to quarter, up and down move people, Home and End jump
// to the ends, 0 to 9 set a number. A drag paints: the bar under the pointer takes the height of the pointer.

import { h, number, t } from "../shared.js";

export const MOST = 30;
const ROWS_LEAST = 4;
/** @type {Record<string, number>} */
const ALONG = { ArrowLeft: -1, ArrowRight: 1 };
/** @type {Record<string, number>} */
const UP = { ArrowUp: 1, ArrowDown: -1, PageUp: 2, PageDown: -2 };

export class Bars {
  #here = 0;

  /** @param {{changed: () => void, settled: () => void}} told settled: a drag or a key press is over */
  constructor(told) {
    this.told = told;
    this.element = h("div", { class: "bars-scroll" });
    this.element.addEventListener("keydown", (event) => this.#key(event));
    this.element.addEventListener("pointerdown", (event) => this.#grab(event));
    this.element.addEventListener("focusin", (event) => this.#focused(event));
  }

  /** @param {import("./desk.js").Desk} desk @param {(id: string) => string} kindName */
  draw(desk, kindName) {
    if (this.desk !== desk || this.drawn !== desk.quarters) {
      this.desk = desk;
      this.drawn = desk.quarters;
      this.#here = Math.min(this.#here, desk.quarters - 1);
      this.element.replaceChildren(h("div", { class: "bars", role: "group" }, ...desk.found.starts.map((/** @type {string} */ start, /** @type {number} */ q) => bar(start, q))));
    }
    const rows = this.#rows();
    const busiest = Math.max(1, ...desk.found.starts.map((/** @type {string} */ _, /** @type {number} */ q) => desk.shoppers(q)));
    const group = /** @type {HTMLElement} */ (this.element.firstElementChild);
    group.setAttribute("aria-label", t("lab.bars_of", { kind: kindName(desk.kind) }));
    [...group.children].forEach((child, quarter) => this.#paint(/** @type {HTMLElement} */ (child), quarter, rows, busiest));
  }

  /** @param {HTMLElement} slider @param {number} quarter @param {number} rows @param {number} busiest */
  #paint(slider, quarter, rows, busiest) {
    const desk = /** @type {import("./desk.js").Desk} */ (this.desk);
    const [mine, all, was] = [desk.counts[desk.kind][quarter], desk.total(quarter), desk.total(quarter, desk.foundCounts)];
    const start = desk.found.starts[quarter];
    const told = t("lab.bar_value", { n: mine, time: start, all: number(all), shoppers: number(Math.round(10 * desk.shoppers(quarter)) / 10) });
    slider.setAttribute("aria-valuenow", String(mine));
    slider.setAttribute("aria-valuetext", told);
    slider.tabIndex = quarter === this.#here ? 0 : -1;
    slider.classList.toggle("is-moved", all !== was);
    for (const [name, value] of Object.entries({ "--all": all / rows, "--mine": mine / rows, "--was": was / rows, "--came": desk.shoppers(quarter) / busiest })) slider.style.setProperty(name, value.toFixed(4));
    const label = /** @type {HTMLElement} */ (slider.querySelector(".bar-n"));
    if (label.textContent !== String(all)) label.textContent = String(all);
  }

  /** How many people the full height stands for. */
  #rows() {
    const desk = /** @type {import("./desk.js").Desk} */ (this.desk);
    const most = Math.max(...desk.found.starts.map((/** @type {string} */ _, /** @type {number} */ q) => Math.max(desk.total(q), desk.total(q, desk.foundCounts))));
    return Math.max(ROWS_LEAST, most + 2);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const slider = /** @type {HTMLElement|null} */ (/** @type {HTMLElement} */ (event.target).closest("[role=slider]"));
    const { desk } = this;
    if (!slider || !desk || event.ctrlKey || event.altKey || event.metaKey) return;
    const quarter = Number(slider.dataset.quarter);
    const now = desk.counts[desk.kind][quarter];
    if (event.key in ALONG) this.#go(quarter + ALONG[event.key]);
    else if (event.key === "Home") this.#go(0);
    else if (event.key === "End") this.#go(desk.quarters - 1);
    else if (event.key in UP) this.#move(quarter, now + UP[event.key]);
    else if (/^\d$/.test(event.key)) this.#move(quarter, Number(event.key));
    else return;
    event.preventDefault();
  }

  /** @param {number} quarter */
  #go(quarter) {
    const group = /** @type {HTMLElement} */ (this.element.firstElementChild);
    const next = /** @type {HTMLElement|undefined} */ (group.children[quarter]);
    if (!next) return;
    next.focus();
  }

  /** @param {Event} event */
  #focused(event) {
    const slider = /** @type {HTMLElement} */ (event.target);
    if (slider.dataset.quarter === undefined) return;
    this.#here = Number(slider.dataset.quarter);
    for (const other of slider.parentElement?.children ?? []) /** @type {HTMLElement} */ (other).tabIndex = other === slider ? 0 : -1;
  }

  /** @param {number} quarter @param {number} value */
  #move(quarter, value) {
    if (!this.desk?.put(quarter, value, MOST)) return;
    this.told.changed();
    this.told.settled();
  }

  /** A drag paints bars until the pointer is let go. @param {PointerEvent} event */
  #grab(event) {
    if (event.button !== 0 || !this.desk) return;
    const group = /** @type {HTMLElement} */ (this.element.firstElementChild);
    const rows = this.#rows(); // held while dragging: the scale must not run away under the finger
    const off = new AbortController();
    let moved = false;
    const paint = (/** @type {PointerEvent} */ at) => {
      const [quarter, people] = this.#under(group, at, rows);
      if (quarter === null || !this.desk?.put(quarter, people, MOST)) return;
      moved = true;
      this.told.changed();
    };
    const done = () => {
      off.abort();
      if (moved) this.told.settled();
    };
    group.addEventListener("pointermove", paint, { signal: off.signal });
    addEventListener("pointerup", done, { signal: off.signal });
    addEventListener("pointercancel", done, { signal: off.signal });
    paint(event);
  }

  /** The quarter hour under a point, and how many of the chosen kind its height means. @param {HTMLElement} group @param {PointerEvent} at @param {number} rows @returns {[number|null, number]} */
  #under(group, at, rows) {
    const desk = /** @type {import("./desk.js").Desk} */ (this.desk);
    const quarter = [...group.children].findIndex((child) => {
      const box = child.getBoundingClientRect();
      return at.clientX >= box.left && at.clientX < box.right;
    });
    if (quarter < 0) return [null, 0];
    const track = /** @type {HTMLElement} */ (group.children[quarter].querySelector(".bar-track")).getBoundingClientRect();
    const others = desk.total(quarter) - desk.counts[desk.kind][quarter];
    return [quarter, Math.round(((track.bottom - at.clientY) / track.height) * rows) - others];
  }
}

/** @param {string} start @param {number} quarter */
const bar = (start, quarter) =>
  h("div", { class: `bar ${start.endsWith(":00") ? "is-hour" : ""}`, role: "slider", "aria-orientation": "vertical", "aria-valuemin": "0", "aria-valuemax": String(MOST),
    "aria-valuenow": "0", "aria-label": start, "data-quarter": String(quarter), tabindex: "-1" },
    h("span", { class: "bar-n", "aria-hidden": "true" }), h("span", { class: "bar-track", "aria-hidden": "true" }, h("i", { class: "bar-came" }), h("i", { class: "bar-was" }), h("i", { class: "bar-all" }), h("i", { class: "bar-mine" })),
    h("span", { class: "bar-time", "aria-hidden": "true" }, start.endsWith(":00") ? start.slice(0, 2) : ""));
