// The staffing lab: sign in, put a day on the table, move people about, see what the twin says.
//
// Hooks for tests (stable): #app[data-screen="signin|lab|refused"][data-state="loading|empty|ready"][data-run="none|waiting|running|done|failed|stopped"];
//   select [data-field="day|kind|target|from|until"]; bars [role=slider][data-quarter]; data-action="one-more|one-less|suggest|stop|reset|save|print|csv|ics|load|forget";
//   figures [data-figure="difference|before|after|hours"]; pictures [data-picture="waits|unanswered|demand|roster|cost|week"][data-drawn]; plans li[data-plan].

import { start as startClock } from "/static/web/js/clock.js";
import { apply as applyPrefs } from "/static/web/js/prefs.js";
import { until } from "../patience.js";
import { current, hasDesk, signOut } from "../session.js";
import { find, h, load, loadIcons, t } from "../shared.js";
import { askToSignIn } from "../signin.js";
import { LabScreen } from "./screen.js";

async function main() {
  applyPrefs();
  const root = find("#app");
  await until(() => load(document.documentElement.lang, ["lab", "manager", "staff", "signin", "errors"]));
  await Promise.all([startClock(), loadIcons()]);
  for (;;) {
    root.dataset.screen = "signin";
    const session = (await until(current)) ?? (await askToSignIn(root));
    root.replaceChildren();
    if (hasDesk(session)) await new LabScreen(root, session).signedOut;
    else await refuse(root);
    root.replaceChildren();
  }
}

/** A salesperson came to the lab: say so, and where to go. @param {HTMLElement} root */
function refuse(root) {
  root.dataset.screen = "refused";
  const leave = h("button", { type: "button", class: "btn btn-wide" }, t("staff.menu_sign_out"));
  root.replaceChildren(h("main", { class: "signin" }, h("h1", {}, t("lab.title")), h("p", {}, t("signin.not_manager")),
    h("a", { class: "btn btn-main btn-wide", href: "/staff" }, t("signin.to_staff")), leave));
  return new Promise((done) => leave.addEventListener("click", () => void signOut().finally(() => done(undefined))));
}

void main();
