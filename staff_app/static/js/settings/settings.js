// The store's settings: sign in, choose a part, change it, save. What is saved counts at once; the history says who and when.
//
// Hooks for tests (stable): #app[data-screen="signin|settings|refused"][data-state="loading|ready|failed"][data-version][data-dirty="true|false"];
//   parts nav a[data-part]; section[data-part]; inputs [data-path="services.advice.letter"]; data-action="save|revert|add-service|remove-service|
//   add-person|remove-person|set-pin|add-day|remove-day|same-hours|add-class|remove-class|add-feed|remove-feed|drop-logo|code|trial|sign-out";
//   [data-code] a made code; li[data-step][data-done]; tr[data-change]; [data-trial="none|running|done|failed"]; #problem, #done.

import { start as startClock } from "/static/web/js/clock.js";
import { apply as applyPrefs } from "/static/web/js/prefs.js";
import { until } from "../patience.js";
import { current, hasDesk, signOut } from "../session.js";
import { find, h, load, loadIcons, t } from "../shared.js";
import { askToSignIn } from "../signin.js";
import { SettingsScreen } from "./screen.js";

async function main() {
  applyPrefs();
  const root = find("#app");
  await until(() => load(document.documentElement.lang, ["settings", "manager", "staff", "signin", "errors", "common"]));
  await Promise.all([startClock(), loadIcons()]);
  for (;;) {
    root.dataset.screen = "signin";
    const session = (await until(current)) ?? (await askToSignIn(root));
    root.replaceChildren();
    if (hasDesk(session)) await new SettingsScreen(root, session).signedOut;
    else await refuse(root);
    root.replaceChildren();
  }
}

/** A salesperson came to the settings: say so, and where to go. @param {HTMLElement} root */
function refuse(root) {
  root.dataset.screen = "refused";
  const leave = h("button", { type: "button", class: "btn btn-wide" }, t("staff.menu_sign_out"));
  root.replaceChildren(h("main", { class: "signin" }, h("h1", {}, t("settings.title")), h("p", {}, t("signin.not_manager")),
    h("a", { class: "btn btn-main btn-wide", href: "/staff" }, t("signin.to_staff")), leave));
  return new Promise((done) => leave.addEventListener("click", () => void signOut().finally(() => done(undefined))));
}

void main();
