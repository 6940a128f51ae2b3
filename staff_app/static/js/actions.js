// Which taps make sense now: a pure function of the staff view, so that the big button, the keyboard and
// the tests agree on it.

/**
 * @typedef {{verb: string, label: string, hint?: string, look?: "main"|"go"|"stop"|"quiet", disabled?: boolean, sheet?: boolean}} Action
 *   `sheet`: opens a choice first instead of being sent at once.
 * @typedef {{primary: Action|null, beside: Action[], more: Action[]}} Actions
 * @typedef {any} StaffView  as written by staff_view in server/rules
 */

/** With a shopper in hand: something for the next colleague, and a colleague now. @type {Action[]} */
const AIDS = [{ verb: "note", label: "note", sheet: true }, { verb: "help", label: "help", sheet: true }];

/** @type {Record<string, (view: StaffView) => Actions>} */
const BY_DUTY = {
  off: () => ({ primary: { verb: "on", label: "on", look: "main" }, beside: [], more: [] }),
  paused: () => ({ primary: { verb: "resume", label: "resume", look: "go" }, beside: [], more: [] }),
  idle: (view) => ({ primary: next(view), beside: view.me.ready_at && !firstMine(view) ? [{ verb: "resume", label: "ready" }] : [], more: [] }),
  offered: () => ({
    primary: { verb: "accept", label: "accept", look: "main" },
    beside: [{ verb: "decline", label: "decline", sheet: true }],
    more: [],
  }),
  calling: () => ({
    primary: { verb: "start", label: "start", look: "go" },
    beside: [{ verb: "recall", label: "recall" }, { verb: "no-show", label: "no_show" }],
    more: [{ verb: "transfer", label: "transfer", sheet: true }, { verb: "hand-back", label: "hand_back" }, ...AIDS, voided],
  }),
  serving: (view) => ({
    primary: { verb: "finish", label: "finish", look: "go", hint: nextStep(view.card) },
    beside: [...forgotten(view), { verb: "transfer", label: "transfer", sheet: true }],
    more: [{ verb: "finish-then", label: "finish_then", sheet: true }, { verb: "hand-back", label: "hand_back" }, ...AIDS, voided],
  }),
};

/** @type {Action} */
const voided = { verb: "void", label: "void", look: "stop", sheet: true };

/** A visit that was probably never finished: the next shopper closes it. @param {StaffView} view @returns {Action[]} */
const forgotten = (view) => (view.card?.doubted && firstMine(view) ? [{ verb: "next", label: "next" }] : []);

const NONE = { primary: null, beside: [], more: [] };

/** @param {StaffView} view @returns {Actions} */
export function actionsFor(view) {
  if (view.phase === "new" || view.phase === "ended") return NONE;
  return (BY_DUTY[view.me.duty] ?? (() => NONE))(view);
}

/** @param {StaffView} view @returns {Action} */
function next(view) {
  const first = firstMine(view);
  return { verb: "next", label: "next", look: "main", disabled: !first };
}

/** The ticket that Next would take. @param {StaffView} view */
export const firstMine = (view) => view.waiting.find((row) => row.mine && row.phase === "waiting") ?? null;

/** The service after the one being served, or undefined. @param {any} card @returns {string|undefined} */
export function nextStep(card) {
  const at = card ? card.steps.findIndex((/** @type {any} */ s) => (s.service ?? s) === card.service) : -1;
  const step = at >= 0 ? card.steps[at + 1] : undefined;
  return step?.service ?? step;
}
