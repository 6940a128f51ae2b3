// The shared modules of server/web under the names the staff screens use; seconds instead of milliseconds.

import { now as nowMs } from "/static/web/js/clock.js";

export { speed } from "/static/web/js/clock.js";
export { get, uuid } from "/static/web/js/api.js";
export { find, h, icon } from "/static/web/js/dom.js";
export { has, label, lang as language, load, number, t } from "/static/web/js/i18n.js";
export { keep, recall } from "/static/web/js/prefs.js";

/** The store's time, seconds since the epoch. */
export const now = () => nowMs() / 1000;
