/**
 * A ticket on the screen makes room for the next person: a bar runs down, and whoever touches the screen or a key has the whole time
 * again. Longer for those who listen: a ticket is read aloud in half a minute.
 */
import { h } from "/static/web/js/dom.js";
import { t } from "/static/web/js/i18n.js";
import { speaking } from "./speech.js";

const SHOWN_MS = 30_000;
const HEARD_MS = 90_000;

/** @param {() => void} done called once, when nobody has touched anything for so long @returns {{element: HTMLElement, stop: () => void}} */
export function makeRoom(done) {
  const bar = h("i", { vars: { "--fill": 1 } });
  let since = Date.now();
  const touch = () => (since = Date.now());
  for (const type of ["pointerdown", "keydown"]) addEventListener(type, touch, { capture: true, passive: true });
  const stop = () => {
    clearInterval(timer);
    for (const type of ["pointerdown", "keydown"]) removeEventListener(type, touch, { capture: true });
  };
  const timer = setInterval(() => {
    const left = 1 - (Date.now() - since) / (speaking() ? HEARD_MS : SHOWN_MS);
    bar.style.setProperty("--fill", String(Math.max(0, left)));
    if (left < 0) (stop(), done());
  }, 250);
  return { element: h("div", { class: "got-room" }, h("div", { class: "bar", "aria-hidden": "true" }, bar), h("p", { class: "small quiet" }, t("kiosk.ticket.room"))), stop };
}
