// The manager's live floor: sign in, then one page drawn anew from every floor view.
//
// Hooks for tests (stable): #app[data-screen="signin|floor|refused"][data-phase][data-seq];
//   figures [data-figure="waiting|promises|told|team|unanswered|kept"]; [data-flag="idle-while-queue"];
//   lanes li[data-service], plates li[data-number][data-standing]; people li[data-person][data-duty][data-idle-while-queue];
//   tickets tr[data-number][data-state]; accounting tr[data-place], counts td[data-account]; [data-connection]; data-action="menu|open|close|end|confirm" + data-verb,
//   "language" + data-language, "sign-out", "close-sheet".

import { start as startClock } from "/static/web/js/clock.js";
import { apply as applyPrefs } from "/static/web/js/prefs.js";
import { current, hasDesk, signOut } from "../session.js";
import { find, h, load, loadIcons, t } from "../shared.js";
import { askToSignIn } from "../signin.js";
import { until } from "../patience.js";
import { FloorScreen } from "./screen.js";
import { StoresScreen, stores } from "./stores.js";

async function main() {
  applyPrefs();
  const root = find("#app");
  await until(() => load(document.documentElement.lang, ["manager", "desk", "staff", "signin", "errors"]));
  await Promise.all([startClock(), loadIcons()]);
  for (;;) {
    root.dataset.screen = "signin";
    const session = (await until(current)) ?? (await askToSignIn(root));
    root.replaceChildren();
    if (hasDesk(session) && !(await chose(root, session))) await new FloorScreen(root, session).signedOut;
    else if (hasDesk(session)) await new StoresScreen(root, session).signedOut;
    else await refuse(root);
    root.replaceChildren();
  }
}

/** Whether somebody with several stores is to see them all first. @param {HTMLElement} root @param {import("../session.js").Session} session */
async function chose(root, session) {
  root.dataset.screen = "loading";
  return !session.home && (await until(stores)).stores.length > 1;
}

/** A salesperson came to the manager's desk: say so, and where to go. @param {HTMLElement} root */
function refuse(root) {
  root.dataset.screen = "refused";
  const leave = h("button", { type: "button", class: "btn btn-wide" }, t("staff.menu_sign_out"));
  root.replaceChildren(h("main", { class: "signin" }, h("h1", {}, t("manager.title")), h("p", {}, t("signin.not_manager")),
    h("a", { class: "btn btn-main btn-wide", href: "/staff" }, t("signin.to_staff")), leave));
  return new Promise((done) => leave.addEventListener("click", () => void signOut().finally(() => done(undefined))));
}

void main();
