// The line: who waits, in the one order; those my skills serve first-class; those kept aside; colleagues.

import { firstMine } from "./actions.js";
import { h, icon, t } from "./shared.js";
import { standing } from "./promise.js";
import { deskName, hour, promiseMark, serviceName, tag, tags } from "./words.js";

/** @typedef {import("./actions.js").StaffView} StaffView */
/** @typedef {"mine"|"all"|"parked"} Tab */

export const TABS = /** @type {Tab[]} */ (["mine", "all", "parked"]);

/** @param {StaffView} view @returns {Record<Tab, any[]>} */
export function rowsOf(view) {
  const inOrder = [...view.waiting].sort((a, b) => (a.place ?? 0) - (b.place ?? 0));
  return { mine: inOrder.filter((row) => row.mine), all: inOrder, parked: view.parked };
}

/**
 * @param {StaffView} view @param {Tab} tab @param {number} now
 * @param {(verb: string, ticket: string) => boolean} pending whether this tap was sent and not answered yet
 */
export function line(view, tab, now, pending) {
  const rows = rowsOf(view);
  return [
    h("div", { class: "line-head" },
      h("h2", { class: "unseen", id: "line-title" }, t("staff.list_title")),
      h("div", { class: "segments line-tabs", role: "group", "aria-labelledby": "line-title" },
        ...TABS.map((name) => tabButton(name, tab, count(view, rows, name))))),
    tab === "mine" && cardFirst(view) && h("p", { class: "line-hint small quiet", "data-state": "card-first" }, icon("priority"), t("staff.card_first", { number: cardFirst(view).number })),
    tab === "parked" && rows.parked.length > 0 && h("p", { class: "line-hint small quiet" }, t("staff.list_parked_hint")),
    rows[tab].length > 0
      ? h("ol", { class: "rows", id: "line", "aria-label": t("staff.list_title") },
          ...rows[tab].map((row) => rowItem(row, view, now, pending("claim", row.ticket))))
      : h("p", { class: "line-empty quiet", id: "line" }, icon("people"), t(`staff.list_empty_${tab}`)),
    tab === "all" && view.waiting_total > rows.all.length &&
      h("p", { class: "line-more small quiet" }, t("staff.list_more", { n: view.waiting_total - rows.all.length })),
  ];
}

/** The card holder who goes before everybody else waiting for me. @param {StaffView} view */
function cardFirst(view) {
  const first = firstMine(view);
  return first?.card && view.waiting.some((/** @type {any} */ row) => row.mine && !row.card) ? first : null;
}

/** @param {StaffView} view @param {Record<Tab, any[]>} rows @param {Tab} name */
const count = (view, rows, name) => (name === "all" ? view.waiting_total : rows[name].length);

/** @param {Tab} name @param {Tab} chosen @param {number} n */
const tabButton = (name, chosen, n) =>
  h("button", { type: "button", "data-action": "tab", "data-tab": name, "aria-pressed": String(name === chosen) },
    h("span", {}, t(`staff.list_${name}`), " ", h("b", { class: "figures", "data-count": String(n) }, String(n))));

/** @param {any} row @param {StaffView} view @param {number} now @param {boolean} sent */
function rowItem(row, view, now, sent) {
  const service = serviceName(view, row.service);
  return h("li", { class: "row-item", "data-key": row.ticket, "data-number": row.number, "data-ticket": row.ticket, "data-state": row.phase,
    "data-mine": String(row.mine), "data-standing": standing(row, now) },
    h("span", { class: "plate plate-s" }, row.number),
    h("span", { class: "row-main" },
      h("span", { class: "row-service" }, service),
      h("span", { class: "tags" }, ...stateTags(row), ...(aside(row) ? [] : [promiseMark(row, now)]), ...tags(row, view, true))),
    takeable(row, view) && h("button", { type: "button", class: "btn take", "data-action": "claim", "data-ticket": row.ticket,
      "data-claims": row.number, "aria-busy": String(sent), "aria-label": t("staff.claim_label", { number: row.number, service }) }, t("staff.claim")));
}

/** @param {any} row */
const aside = (row) => row.phase === "away" || row.phase === "parked";

/** @param {any} row */
function stateTags(row) {
  if (row.phase === "away") return [tag("away", "walk", t("staff.phase_away")), row.until && tag("until", "clock", t("staff.chip_away", { time: hour(row.until) }))];
  if (row.phase === "parked") return [tag("parked", "pause", t("staff.phase_parked")), row.until && tag("until", "clock", t("staff.chip_parked", { time: hour(row.until) }))];
  return row.phase === "offered" ? [tag("offered", "bell", t("staff.chip_phase_offered"))] : [];
}

/**
 * Whether I may take this very ticket now: free, able, and the store lets people pick (the first in order always).
 * Nobody goes before a priority card, so while one waits for me the others cannot be taken.
 * @param {any} row @param {StaffView} view
 */
function takeable(row, view) {
  const free = view.me.duty === "idle" || (view.me.duty === "serving" && view.card?.doubted);
  const behind = cardFirst(view) && !row.card;
  return free && row.mine && !behind && (view.pick_allowed || row.escalated || firstMine(view)?.ticket === row.ticket);
}

/** Who else is here and what they do. @param {StaffView} view */
export function crew(view) {
  const here = view.colleagues.filter((/** @type {any} */ c) => c.duty !== "off");
  return [
    h("h2", { class: "crew-title" }, t("staff.colleagues")),
    here.length > 0
      ? h("ul", { class: "crew-list" }, ...here.map((/** @type {any} */ c) =>
          h("li", { "data-key": c.id, "data-duty": c.duty },
            h("span", { class: "duty-dot", "data-duty": c.duty }), h("span", { class: "strong" }, c.name),
            h("span", { class: "quiet small" }, [t(`staff.duty_${c.duty}`), deskName(c.desk)].filter(Boolean).join(" · ")))))
      : h("p", { class: "quiet small" }, t("staff.nobody_else")),
  ];
}
