/**
 * Nobody there any more? After 60 s without a touch a warning counts 20 s down and offers more time; then the
 * kiosk starts afresh for the next person. Real seconds: a person's patience does not run at the demo's speed.
 */
import { find, fill, h, say } from "/static/web/js/dom.js";
import { t } from "/static/web/js/i18n.js";
import { readDialog } from "./speech.js";

const IDLE_S = 60;
const WARNING_S = 20;

/** @param {{armed: () => boolean, reset: () => void}} options armed: whether there is anything to reset */
export function watchIdle({ armed, reset }) {
  const dialog = /** @type {HTMLDialogElement} */ (find(".kiosk-idle"));
  let last = Date.now();
  const touch = () => (last = Date.now());
  for (const type of ["pointerdown", "keydown", "input"]) addEventListener(type, touch, { passive: true });
  dialog.addEventListener("close", touch);
  setInterval(() => {
    const idle = (Date.now() - last) / 1000;
    if (!armed() || idle < IDLE_S) return dialog.open && dialog.close();
    if (!dialog.open) warn(dialog);
    const left = Math.ceil(IDLE_S + WARNING_S - idle);
    say(find(".idle-left", dialog), String(Math.max(0, left)));
    if (left <= 0) (dialog.close(), reset());
  }, 500);
  return touch;
}

/** @param {HTMLDialogElement} dialog */
function warn(dialog) {
  const more = h("button", { class: "btn btn-main btn-kiosk btn-wide", type: "button", on: { click: () => dialog.close() } }, t("kiosk.idle.more"));
  fill(dialog, h("div", { class: "stack" },
    h("h2", { id: "idle-title" }, t("kiosk.idle.title")),
    h("p", null, t("kiosk.idle.text"), " "),
    h("p", { class: "plate plate-l idle-left", "aria-hidden": "true" }, String(WARNING_S)),
    more));
  dialog.showModal();
  more.focus();
  readDialog(dialog);
}
