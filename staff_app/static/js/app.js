// The salesperson's app: sign in, then one screen drawn anew from every view.
//
// Hooks for tests (stable): attributes on elements, never classes or texts.
//   #app[data-screen="signin|staff"]  #app[data-duty="off|idle|offered|calling|serving|paused"]  #app[data-seq]
//   sign-in      main[data-step="store|person|pin"]; data-action="choose-store|choose-person" + data-id; "digit" + data-digit; "erase"; "enter"
//   hand         [data-state="off|idle|paused|offered|called|serving|quiet"]; the slip has data-number, data-ticket, data-doubted
//   reached      [data-state="seen|not-seen"], [data-state="coming|not-coming"]; promise [data-standing="ahead|risk|broken|kept|none"]
//   thumb bar    data-action="on|next|accept|decline|start|recall|no-show|finish|transfer|hand-back|resume|more|undo|still" (+ data-ticket)
//                aria-busy="true" while a tap is on its way, aria-disabled="true" when it makes no sense now
//   sheets       #sheet[data-sheet="decline|transfer|finish-then|pause|void|more|menu"]; data-action="decline-as" + data-reason;
//                "transfer-to" + data-service / data-to; "finish-as" + data-steps; "pause-for" + data-minutes; "void-as" + data-reason;
//                "pause", "off", "finish-then", "void", "sound", "language" + data-language, "sign-out", "close-sheet"
//   line         data-action="tab" + data-tab="mine|all|parked"; rows li[data-number][data-ticket][data-state][data-mine]; data-action="claim" + data-claims
//   news         [data-news] a refusal in words; [data-kept] taps waiting for the connection, data-action="abandon"; [data-strip="offline|elsewhere|asked"]
//   connection   [data-connection="live|polling|lost"]

import { start as startClock } from "/static/web/js/clock.js";
import { apply as applyPrefs } from "/static/web/js/prefs.js";
import { patch } from "./patch.js";
import { until } from "./patience.js";
import { current } from "./session.js";
import { find, h, icon, load, loadIcons, t } from "./shared.js";
import { askToSignIn } from "./signin.js";
import { StaffScreen } from "./screen.js";
import { keepForLater } from "/static/web/js/worker.js";

/** Opened while the server is away: say so, instead of a screen that seems to hang. @param {HTMLElement} root */
const away = (root) => patch(root, [h("main", { class: "signin", "data-state": "away" }, icon("offline"), h("p", { role: "status" }, t("signin.unreachable")))]);

async function main() {
  applyPrefs();
  const root = find("#app");
  await until(() => load(document.documentElement.lang, ["staff", "signin", "errors"]));
  await Promise.all([startClock(), loadIcons()]);
  void keepForLater(); // installable, and opens again while the Wi-Fi is away
  for (let notice = /** @type {string|null} */ (null); ; notice = t("staff.signed_out")) {
    root.dataset.screen = "signin";
    delete root.dataset.duty;
    const session = (await until(current, () => away(root))) ?? (await askToSignIn(root, notice));
    root.dataset.screen = "staff";
    root.replaceChildren();
    const asked = await new StaffScreen(root, session).signedOut;
    if (asked) notice = null;
    root.replaceChildren();
  }
}

void main();
