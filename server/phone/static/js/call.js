/**
 * "It is your turn": the whole screen, the two notes, the vibration, the title and the icon of the tab, until the
 * shopper answers. It acknowledges by itself that the phone showed the call, so that staff know it rang.
 */
import { buzz, chime } from "/static/web/js/chime.js";
import { busy, fill, find, h, icon, say } from "/static/web/js/dom.js";
import { t, time } from "/static/web/js/i18n.js";

const AGAIN_MS = 4000;
const RINGS_MAX = 30; // two minutes; the board and the salesperson go on calling
const BUZZ = [300, 150, 300, 150, 600];

/** @param {{actions: any, labelOf: (service: string) => string, askLeave: () => void}} options */
export function callScreen({ actions, labelOf, askLeave }) {
  const overlay = find(".call");
  let shown = ""; // which call is on screen: a recall rings anew
  let rings = 0;
  /** @type {ReturnType<typeof setInterval>|undefined} */ let timer;

  const ring = () => {
    if ((rings += 1) > RINGS_MAX) return hush();
    chime(1);
    buzz(BUZZ);
  };
  const hush = () => {
    clearInterval(timer);
    timer = undefined;
    buzz(0);
  };

  /** @param {any} view */
  const show = (view) => {
    const call = `${view.call.at}/${view.call.recalls}`;
    if (call !== shown) {
      shown = call;
      rings = 0;
      draw(overlay, view, { actions, labelOf, askLeave });
      hush();
      if (!view.call.coming) timer = setInterval(ring, AGAIN_MS);
      if (!view.call.coming) ring();
      if (!view.call.seen) acknowledge(actions);
    }
    overlay.dataset.coming = String(view.call.coming);
    if (view.call.coming) hush();
    refresh(overlay, view);
  };

  const hide = () => {
    if (overlay.hidden) return;
    hush();
    shown = "";
    overlay.hidden = true;
    for (const other of document.querySelectorAll("header, main, .phone-reading")) other.removeAttribute("inert");
  };
  return { show, hide };
}

/** Seen only when somebody could see it: a hidden tab acknowledges when it comes to the front. @param {any} actions */
function acknowledge(actions) {
  if (document.visibilityState === "visible") actions.seen();
  else document.addEventListener("visibilitychange", () => actions.seen(), { once: true });
}

/** @param {HTMLElement} overlay @param {any} view @param {any} options */
function draw(overlay, view, { actions, labelOf, askLeave }) {
  const coming = h("button", { class: "btn btn-big btn-wide call-coming", type: "button", data: { action: "coming" }, on: { click: () => busy(coming, actions.coming) } }, icon("walk"), t("phone.call.coming"));
  fill(overlay,
    h("p", { class: "plate call-number" }, view.number),
    h("div", { class: "call-what" },
      h("h2", { id: "call-title", class: "call-title" }, t("phone.call.title")),
      h("p", { class: "call-who" }, view.call.name),
      h("p", { class: "call-where" }, labelOf(view.service)),
      view.call.desk ? h("p", { class: "call-desk" }, icon("desk"), t("phone.desk", { desk: view.call.desk })) : null),
    h("p", { class: "call-note", role: "status" }),
    h("div", { class: "call-acts" }, coming, h("button", { class: "btn btn-plain call-leave", type: "button", data: { action: "leave" }, on: { click: askLeave } }, t("phone.call.not_coming"))));
  overlay.hidden = false;
  for (const other of document.querySelectorAll("header, main, .phone-reading")) other.setAttribute("inert", "");
  coming.focus({ preventScroll: true });
}

/** @param {HTMLElement} overlay @param {any} view */
function refresh(overlay, view) {
  const { name, coming, recalls, park_at } = view.call;
  const keep = park_at ? t("phone.call.keeps", { name, at: time(park_at) }) : "";
  const text = coming ? t("phone.call.expects", { name }) : recalls > 0 ? `${t("phone.call.again", { name })} ${keep}` : keep;
  say(find(".call-note", overlay), text);
  find(".call-coming", overlay).hidden = coming;
}
