// What every small page of the manager's desk begins with: words, the sign-in, a heading with the way back, one line for trouble.

import { start as startClock } from "/static/web/js/clock.js";
import { apply as applyPrefs } from "/static/web/js/prefs.js";
import { until } from "../patience.js";
import { current, deskPath, hasDesk } from "../session.js";
import { find, get, h, has, load, loadIcons, t } from "../shared.js";
import { askToSignIn } from "../signin.js";
import { useZone } from "../words.js";

/** @typedef {{session: import("../session.js").Session, base: string, root: HTMLElement, store: any}} Desk */

/** Sign in, and the page's place to draw in; salespeople are told where to go. @param {string} title a word of the room "desk" @param {(desk: Desk) => void} begin */
export async function openDesk(title, begin) {
  applyPrefs();
  const root = find("#app");
  await until(() => load(document.documentElement.lang, ["desk", "manager", "staff", "signin", "errors"]));
  await Promise.all([startClock(), loadIcons()]);
  root.dataset.screen = "signin";
  const session = (await until(current)) ?? (await askToSignIn(root));
  if (!hasDesk(session)) return refuse(root, title);
  const base = `/api/v1/stores/${session.store}`;
  const store = (await get(base)).body;
  useZone(store.zone);
  root.dataset.screen = title;
  const body = h("main", { class: "desk" });
  root.replaceChildren(
    h("header", { class: "floor-top" }, h("a", { class: "btn", href: deskPath("/manager") }, t("desk.back")), h("h1", {}, t(`desk.${title}`)), h("span", { class: "quiet push" }, store.name)),
    h("div", { class: "floor-notices", role: "status", id: "trouble" }), body);
  begin({ session, base, root: body, store });
}

/** @param {HTMLElement} root @param {string} title */
function refuse(root, title) {
  root.dataset.screen = "refused";
  root.replaceChildren(h("main", { class: "signin" }, h("h1", {}, t(`desk.${title}`)), h("p", {}, t("signin.not_manager")),
    h("a", { class: "btn btn-main btn-wide", href: "/staff" }, t("signin.to_staff"))));
}

/** Run it; what goes wrong is said above everything. @template T @param {() => Promise<T>} work @returns {Promise<T|null>} */
export async function told(work) {
  const line = find("#trouble");
  line.replaceChildren();
  try {
    return await work();
  } catch (error) {
    const problem = /** @type {any} */ (error);
    line.replaceChildren(h("p", { class: "notice notice-stop" }, has(`errors.${problem.code}`) ? t(`errors.${problem.code}`, problem.facts) : problem.message));
    return null;
  }
}
