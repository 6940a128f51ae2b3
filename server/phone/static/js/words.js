/** What a phone view means, in words and figures: pure functions of the view, no DOM. */
import { now } from "/static/web/js/clock.js";
import { has, minutesLeft, t, time } from "/static/web/js/i18n.js";

export const STROKES = 10;
const FIRST = 0.04; // the first stroke is never empty: something has begun
const LAST = 0.97; // and the last one fills only when called

/** One sentence on why the range moved or who went first; "" when there is nothing to explain. @param {any} view @returns {string} */
export function why(view) {
  for (const about of ["why", "overtaken"])
    if (view.range?.why && has(`phone.${about}.${view.range.why}`)) return t(`phone.${about}.${view.range.why}`, { n: 1 });
  if (view.overtaken && has(`phone.overtaken.${view.overtaken.reason}`)) return t(`phone.overtaken.${view.overtaken.reason}`, { n: view.overtaken.count });
  return "";
}

/** "by about 15:42". @param {any} range @returns {string} */
export function until(range) {
  if (!range) return "";
  const end = Math.max(Date.parse(range.as_of) + range.high_s * 1000, now());
  return t("phone.until", { at: time(Math.ceil(end / 60000) * 60000) });
}

/**
 * How many are ahead, how many serve and how long they usually take: length second, minutes first; never "you are last".
 * @param {any} view @param {number} [usualS] @returns {string[]}
 */
export function facts(view, usualS) {
  const ahead = view.ahead > 0 ? t("phone.ahead", { n: view.ahead }) : t("phone.ahead_none");
  const serving = view.serving > 0 ? t("phone.serving_now", { n: view.serving }) : "";
  const behind = view.behind > 0 ? t("phone.behind", { n: view.behind }) : "";
  const usual = usualS ? t("phone.usual", { n: Math.max(1, Math.round(usualS / 60)) }) : "";
  return [ahead, serving, usual, behind].filter(Boolean);
}

/**
 * How much of the wait is done, 0..1: half by shoppers served, half by time; it never goes back.
 * `memory` is {ahead, most}, the longest line seen and the furthest point reached.
 * @param {any} view @param {{ahead: number, most: number}} memory @returns {number}
 */
export function progress(view, memory) {
  memory.ahead = Math.max(memory.ahead, view.ahead);
  const byLine = (memory.ahead - view.ahead) / (memory.ahead + 1);
  const total = view.promise_s || view.range?.high_s || 600;
  const left = view.range ? minutesLeft(view.range, now()).high * 60 : total;
  const byTime = Math.max(0, Math.min(1, 1 - left / total));
  memory.most = Math.max(memory.most, Math.min(LAST, Math.max(FIRST, (byLine + byTime) / 2)));
  return memory.most;
}

/** Minutes of content that fit before the call: half-way between the ends of the range. @param {any} view @returns {number} */
export function minutesFree(view) {
  if (!view.range) return 0;
  const { low, high } = minutesLeft(view.range, now());
  return (low + high) / 2;
}

/** The promise, honestly: {key, slots} of the sentence that ends the visit, or null when nothing was promised. @param {any} view */
export function verdict(view) {
  if (view.outcome !== "answered" || view.waited_s === null || !view.promise_s || view.steps.length > 1) return null;
  const said = Math.round(view.promise_s / 60);
  const was = Math.max(0, Math.ceil(view.waited_s / 60));
  return { key: view.waited_s <= view.promise_s + 30 ? "phone.ended.kept" : "phone.ended.late", slots: { said: Math.max(1, said), n: was } };
}
