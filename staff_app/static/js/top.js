// The bar at the top (who I am, what I do, whether what I see is live) and the thumb bar at the bottom
// (the one big button, the few beside it, undo). The big button never moves: what comes and goes sits above it.

import { actionsFor, firstMine } from "./actions.js";
import { hint } from "./hand.js";
import { h, icon, speed, t } from "./shared.js";
import { seconds } from "./promise.js";
import { deskName, span } from "./words.js";

/** @typedef {import("./actions.js").StaffView} StaffView @typedef {import("./actions.js").Action} Action */
/**
 * @typedef {{connection: "connecting"|"live"|"polling"|"waiting"|"gone"|"taken", age: number, pending: import("./taps.js").Tap[], holding: boolean,
 *            notice: {text: string, look: string}|null}} Situation   age: seconds since the view was known to be current; holding: a tap of the line is on its way
 */

const OLD_S = 4; // a connection missing for less than this is nobody's business

/** @param {StaffView} view */
export const topBar = (view) => [
  h("button", { type: "button", class: "me", "data-action": "menu", "aria-haspopup": "dialog", "aria-label": `${view.me.name}, ${t(`staff.duty_${view.me.duty}`)}. ${t("staff.duty_menu")}` },
    h("span", { class: "duty-dot", "data-duty": view.me.duty }),
    h("span", { class: "me-name" }, view.me.name),
    h("span", { class: "me-duty" }, [t(`staff.duty_${view.me.duty}`), deskName(view.me.desk)].filter(Boolean).join(" · ")),
    h("span", { class: "me-open", "aria-hidden": "true" }, "⌄")),
];

/** @param {Situation} situation */
export function liveMark(situation) {
  const lost = situation.connection === "waiting" || situation.connection === "connecting";
  const state = lost && situation.age > OLD_S ? "lost" : situation.connection === "polling" ? "polling" : "live";
  return h("p", { class: "live", "data-connection": state, "data-state": state === "lost" ? "gone" : state }, h("i", {}), h("span", { class: "live-text" }, t(state === "lost" ? "staff.off_line" : "staff.online")));
}

/** Sentences about the whole screen: no connection, another tab, a break asked for. @param {StaffView} view @param {Situation} situation */
export function strips(view, situation) {
  return [
    offlineStrip(situation),
    situation.connection === "taken" && strip("elsewhere", "notice-warn", "info", t("staff.elsewhere"), { verb: "here", label: "here_instead" }),
    asked(view) && strip("asked", "notice-plain", view.me.leaving ? "leave" : "coffee", asked(view) ?? "", { verb: "resume", label: "never_mind" }),
  ];
}

/** How old what is shown is, once it is old. @param {Situation} situation */
export function offlineStrip(situation) {
  const lost = ["waiting", "connecting"].includes(situation.connection) && situation.age > OLD_S;
  return lost && strip("offline", "notice-warn", "offline", t("staff.offline", { time: span(situation.age) }));
}

/** @param {StaffView} view */
function asked(view) {
  if (view.me.leaving) return t("staff.leaving_asked");
  return view.me.pause && view.me.duty !== "paused" ? t("staff.pause_asked") : null;
}

/** @param {string} key @param {string} look @param {string} shape @param {string} text @param {{verb: string, label: string}} [action] */
const strip = (key, look, shape, text, action) =>
  h("p", { class: `notice strip ${look}`, "data-key": key, "data-strip": key }, icon(shape), h("span", {}, text),
    action && h("button", { type: "button", class: "btn btn-plain push", "data-action": action.verb }, t(`staff.${action.label}`)));

/** @param {StaffView} view @param {Situation} situation @param {number} now */
export function thumbBar(view, situation, now) {
  const { primary, beside, more } = actionsFor(view);
  return [
    h("div", { class: "thumb-news", role: "status" }, news(situation), waitingTaps(situation), undo(view, situation, now)),
    beside.length + more.length > 0 && h("div", { class: "beside" },
      ...beside.map((action) => smallButton(action, view, situation)),
      more.length > 0 && h("button", { type: "button", class: "btn more", "data-action": "more", "aria-haspopup": "dialog", "aria-label": t("staff.more"), "aria-disabled": String(situation.holding) }, "⋯")),
    primary && bigButton(primary, view, situation),
  ];
}

/** @param {Action} action @param {StaffView} view @param {Situation} situation */
function bigButton(action, view, situation) {
  const sent = situation.pending.find((tap) => tap.verb === action.verb);
  const under = sent ? t(sent.late ? "staff.pending" : "staff.sending") : hint(view, action, firstMine(view));
  return h("button", { type: "button", class: `btn big btn-${action.look}`, "data-key": "primary", "data-action": action.verb, "data-ticket": ticketOf(view),
    "aria-busy": String(Boolean(sent)), "aria-disabled": String(Boolean(action.disabled || situation.holding)) },
    h("span", { class: "big-verb" }, t(`staff.${action.label}`)), under && h("span", { class: "big-hint" }, under));
}

/** @param {Action} action @param {StaffView} view @param {Situation} situation */
const smallButton = (action, view, situation) =>
  h("button", { type: "button", class: "btn", "data-action": action.verb, "data-ticket": ticketOf(view), "aria-haspopup": action.sheet ? "dialog" : null,
    "aria-busy": String(situation.pending.some((tap) => tap.verb === action.verb)), "aria-disabled": String(situation.holding) }, t(`staff.${action.label}`));

/** @param {StaffView} view */
const ticketOf = (view) => (view.offer ?? view.card)?.ticket ?? null;

/** @param {Situation} situation */
const news = ({ notice }) => notice && h("p", { class: `notice news ${notice.look}`, "data-key": "news", "data-news": notice.look }, h("span", {}, notice.text));

/** A tap that waits for the connection can be forgotten: nobody should be called by a tap made five minutes ago. @param {Situation} situation */
function waitingTaps({ pending }) {
  const late = pending.filter((tap) => tap.late);
  if (late.length === 0) return null;
  return h("p", { class: "notice notice-warn news", "data-key": "kept", "data-kept": String(late.length) }, icon("offline"),
    h("span", {}, t("staff.pending_many", { n: late.length })),
    h("button", { type: "button", class: "btn btn-plain push", "data-action": "abandon", "data-tap": late[0].id }, t("staff.abandon")));
}

/** @param {StaffView} view @param {Situation} situation @param {number} now */
function undo(view, situation, now) {
  const left = view.undo ? Math.ceil(((seconds(view.undo.until) ?? 0) - now) / speed()) : 0;
  if (left <= 0) return null;
  const sent = situation.pending.some((tap) => tap.verb === "undo");
  return h("p", { class: "undo", "data-key": "undo" }, h("span", {}, undoText(view)),
    h("button", { type: "button", class: "btn", "data-action": "undo", "aria-busy": String(sent) }, icon("undo"), t("staff.undo"),
      h("span", { class: "figures", "aria-hidden": "true" }, String(left))));
}

/** @param {StaffView} view */
function undoText({ undo: { tap, number: broken }, waiting }) {
  const number = broken.replace("-", "\u2011"); // "C-006" is never cut in two lines
  const goesOn = tap === "finish" && waiting.some((/** @type {any} */ row) => row.number === broken);
  const key = goesOn ? "staff.undo_passed_on" : `staff.undo_${tap.replaceAll("-", "_")}`;
  const text = t(key, { number });
  return text === key ? t("staff.undo_other", { number }) : text;
}
