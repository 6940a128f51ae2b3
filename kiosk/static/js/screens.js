/**
 * The kiosk's screens. Each takes (state, actions) and gives {nodes, update(state)?, leave()?}: nodes are drawn once,
 * update changes only the text that moves, so that a touch never lands on something that has just been replaced.
 */
import { fill, h, icon, say, set } from "/static/web/js/dom.js";
import { has, label, lang, t, time } from "/static/web/js/i18n.js";
import { pictogram, qrPicture, rangeView } from "/static/web/js/parts.js";

const BACK_AFTER_S = 30; // the ticket screen makes room for the next person

/** Departments with their live wait. @param {any} state @param {any} actions */
export function choose(state, actions) {
  const grid = h("ul", { class: "kiosk-grid" });
  /** @type {Map<string, (service: any, trusted: boolean) => void>} */
  let tiles = new Map();
  const update = (/** @type {any} */ now) => {
    const services = now.view?.services || [];
    if (services.length !== tiles.size || services.some((/** @type {any} */ s) => !tiles.has(s.id))) tiles = draw(grid, services, actions);
    for (const service of services) tiles.get(service.id)?.(service, now.live);
  };
  return { nodes: [h("div", { class: "kiosk-ask" }, h("h1", null, t("kiosk.choose.title")), h("p", { class: "quiet" }, t("kiosk.choose.text"))), grid], update };
}

/** @param {HTMLElement} grid @param {any[]} services @param {any} actions */
function draw(grid, services, actions) {
  const made = services.map((service) => tile(service, actions));
  fill(grid, made.map((m) => m.element));
  grid.dataset.count = String(services.length);
  return new Map(made.map((m) => [m.id, m.update]));
}

/** @param {any} service @param {any} actions */
function tile(service, actions) {
  const range = rangeView("tile-range");
  const waiting = h("p", { class: "tile-waiting" });
  const button = h("button", { class: "tile", type: "button", data: { action: "pick", service: service.id }, on: { click: () => actions.pick(service.id) } },
    h("span", { class: "tile-icon" }, pictogram(service.icon)), h("span", { class: "tile-name" }, label(service.labels, service.id)), h("span", { class: "tile-wait" }, range.element, waiting));
  const update = (/** @type {any} */ now, /** @type {boolean} */ live) => {
    range.show(now.range, live);
    say(waiting, waitingText(now));
  };
  return { id: service.id, element: h("li", null, button), update };
}

/** @param {any} service */
function waitingText(service) {
  if (service.people === 0) return t("kiosk.nobody_serving");
  return service.waiting === 0 ? t("kiosk.nobody_waiting") : t("kiosk.waiting", { n: service.waiting });
}

/** The right of card holders: one touch, no proof, said aloud. @param {any} state @param {any} actions */
function cardSwitch(state, actions) {
  const button = h("button", { class: "switch kiosk-card", type: "button", data: { action: "card" }, role: "switch", "aria-checked": "false", on: { click: () => actions.card(button.getAttribute("aria-checked") !== "true") } },
    icon("priority"), h("span", null, h("b", null, t("kiosk.card.label")), h("small", null, t("kiosk.card.notice"))), h("i"));
  set(button, "aria-checked", state.card ? "true" : "false");
  return button;
}

/** The wait, said before joining; take it or leave it. @param {any} state @param {any} actions */
export function confirm(state, actions) {
  const service = serviceOf(state);
  const range = rangeView("confirm-range");
  const waiting = h("p", { class: "quiet" });
  const name = /** @type {HTMLInputElement} */ (h("input", { type: "text", maxlength: 40, autocomplete: "off", autocapitalize: "words", enterkeyhint: "done", id: "first-name" }));
  const take = () => actions.take({ name: name.value.trim() });
  const update = (/** @type {any} */ now) => {
    range.show(serviceOf(now).range, now.live);
    say(waiting, now.card ? t("kiosk.card.sooner") : waitingText(serviceOf(now)));
  };
  return {
    update,
    nodes: h("div", { class: "confirm" },
      h("section", { class: "confirm-wait ticket" },
        h("p", { class: "confirm-service" }, pictogram(service.icon), h("span", null, label(service.labels, service.id))),
        h("div", { class: "confirm-figures" }, h("h1", { class: "confirm-label" }, t("kiosk.confirm.wait")), range.element, waiting),
        h("p", { class: "small quiet" }, t("kiosk.confirm.truth"))),
      h("section", { class: "confirm-options" },
        h("label", { class: "field" }, h("span", null, t("kiosk.confirm.name")), name, h("small", null, t("kiosk.confirm.name_why"))),
        h("button", { class: "btn btn-main btn-kiosk btn-wide", type: "button", data: { action: "take" }, on: { click: take } }, icon("ticket"), t("kiosk.confirm.take")),
        h("button", { class: "btn btn-kiosk btn-wide", type: "button", data: { action: "decline" }, on: { click: actions.decline } }, t("kiosk.confirm.decline")))),
  };
}

/** Sent; usually over before it is read. @param {any} state @param {any} actions */
export function sending(state, actions) {
  const title = h("h1", null, t("kiosk.sending.title"));
  const text = h("p", { class: "quiet", role: "status" });
  const stop = h("button", { class: "btn btn-kiosk", type: "button", hidden: true, on: { click: actions.giveUp } }, t("kiosk.sending.stop"));
  const waiting = () => {
    say(title, t("kiosk.sending.away_title"));
    say(text, t("kiosk.sending.away"));
    stop.hidden = false;
  };
  return { nodes: h("div", { class: "kiosk-center" }, h("span", { class: "travel" }, h("i")), title, text, stop), waiting };
}

/** The ticket. @param {any} state @param {any} actions @param {any} answer */
export function ticket(state, actions, answer) {
  const range = rangeView("range-l");
  range.show(answer.view?.range ?? serviceOf(state).range);
  const bar = h("i");
  const until = Date.now() + BACK_AFTER_S * 1000;
  const timer = setInterval(() => {
    bar.style.setProperty("--fill", String(Math.max(0, (until - Date.now()) / BACK_AFTER_S / 1000)));
    if (Date.now() > until) actions.done();
  }, 250);
  const qr = answer.qr_svg || answer.qr;
  return {
    leave: () => clearInterval(timer),
    nodes: h("div", { class: "got" },
      h("section", { class: "got-ticket ticket", data: { number: answer.number } },
        h("div", { class: "got-top" },
          h("h1", { class: "got-label" }, t("kiosk.ticket.yours")),
          h("p", { class: "plate got-number" }, answer.number),
          h("p", { class: "got-service" }, label(serviceOf(state).labels, ""))),
        h("div", { class: "got-wait" }, h("p", { class: "quiet" }, t("kiosk.ticket.wait")), range.element)),
      h("section", { class: "got-next" },
        qr ? h("div", { class: "got-qr" }, qrPicture(qr, t("kiosk.ticket.qr_alt")), h("p", { class: "strong" }, t("kiosk.ticket.scan"))) : null,
        h("p", { class: "got-stroll" }, icon("walk"), h("span", null, t("kiosk.ticket.stroll"))),
        h("p", { class: "got-stroll quiet" }, icon("sound"), h("span", null, t("kiosk.ticket.no_phone"))),
        h("button", { class: "btn btn-main btn-kiosk btn-wide", type: "button", data: { action: "done" }, on: { click: actions.done } }, icon("check"), t("kiosk.ticket.done")),
        h("div", { class: "bar", "aria-hidden": "true" }, bar))),
  };
}

/** Not open, closing or over. @param {any} state */
export function closed(state) {
  const title = h("h1");
  const text = h("p", { class: "kiosk-lead" });
  const update = (/** @type {any} */ now) => {
    const phase = now.view?.phase || "new";
    const at = phase === "new" ? now.view?.opens_at : now.view?.closes_at;
    say(title, t(`kiosk.closed.${phase}_title`));
    say(text, t(`kiosk.closed.${phase}`, { at: at ? time(at) : "" }));
  };
  return { nodes: h("div", { class: "kiosk-center" }, icon("mark"), title, text), update };
}

/** The server said no, and why. @param {any} state @param {any} actions @param {any} problem */
export function refused(state, actions, problem) {
  const key = has(`kiosk.refused.${problem.code}`) ? `kiosk.refused.${problem.code}` : "kiosk.refused.other";
  return {
    nodes: h("div", { class: "kiosk-center" }, icon("info"), h("h1", null, t("kiosk.refused.title")), h("p", { class: "kiosk-lead", role: "alert" }, t(key)),
      h("button", { class: "btn btn-main btn-kiosk", type: "button", on: { click: actions.done } }, t("kiosk.refused.ok"))),
  };
}

/** Back, languages, priority card, contrast and size: always at the bottom, within low reach. @param {any} state @param {any} actions @param {string[]} languages */
export function foot(state, actions, languages) {
  const root = document.documentElement.dataset;
  const press = (/** @type {string} */ name, /** @type {string} */ pictureName, /** @type {boolean} */ on, /** @type {() => void} */ run) =>
    h("button", { class: "btn btn-kiosk", type: "button", "aria-pressed": String(on), on: { click: run } }, icon(pictureName), h("span", null, name));
  return [
    state.choosing && state.service ? h("button", { class: "btn btn-kiosk kiosk-back", type: "button", on: { click: actions.back } }, icon("back"), h("span", null, t("kiosk.back"))) : null,
    !state.choosing ? null : h("div", { class: "kiosk-languages", role: "group", "aria-label": t("kiosk.language") }, languages.map((code) =>
      h("button", { class: "btn btn-kiosk", type: "button", lang: code, "aria-pressed": String(code === lang()), on: { click: () => actions.language(code) } }, LANGUAGES[code] || code))),
    state.choosing && state.view?.phase === "open" ? cardSwitch(state, actions) : null,
    h("div", { class: "kiosk-ways push", role: "group", "aria-label": t("kiosk.display") }, press(t("kiosk.contrast"), "contrast", root.contrast === "more", actions.contrast), press(t("kiosk.size"), "size", root.size === "large", actions.size)),
  ];
}
/** @type {Record<string, string>} */
const LANGUAGES = { fr: "Français", en: "English", es: "Español", de: "Deutsch", it: "Italiano", ar: "العربية" };

/** @param {any} state */
function serviceOf(state) {
  return (state.view?.services || []).find((/** @type {any} */ s) => s.id === state.service) || { id: state.service || "", labels: {}, waiting: 0 };
}
