/**
 * The kiosk's screens. Each takes (state, actions) and gives {nodes, update(state)?, leave()?}: nodes are drawn once,
 * update changes only the text that moves, so that a touch never lands on something that has just been replaced.
 */
import { fill, h, icon, say, set } from "/static/web/js/dom.js";
import { has, label, lang, t, time } from "/static/web/js/i18n.js";
import { pictogram, qrPicture, rangeView } from "/static/web/js/parts.js";
import { makeRoom } from "./room.js";
import { bookable, serviceOf } from "./services.js";
import * as speech from "./speech.js";

/** Departments with their live wait. @param {any} state @param {any} actions */
export function choose(state, actions) {
  const grid = h("ul", { class: "kiosk-grid" });
  /** @type {Map<string, (service: any, trusted: boolean) => void>} */
  let tiles = new Map();
  const update = (/** @type {any} */ now) => {
    const services = now.view?.services || [];
    if (services.length !== tiles.size || services.some((/** @type {any} */ s) => !tiles.has(s.id))) tiles = draw(grid, services, actions, [now.info.bookable?.length ? arriveTile(actions) : null, now.info.presence ? scan(now.info.id) : null]);
    for (const service of services) tiles.get(service.id)?.(service, now.live);
  };
  return { nodes: [h("div", { class: "kiosk-ask" }, h("h1", null, t("kiosk.choose.title")), h("p", { class: "quiet" }, own(state, "welcome") || t("kiosk.choose.text"))), grid], update };
}

/** A text of the store's own, or nothing. @param {any} state @param {"welcome"|"closed"} place */
const own = (state, place) => label(state.info?.texts?.[place] ?? {}, "");

/** The code that lets a phone join: it changes every minute, the picture with it. @param {string} store */
function scan(store) {
  const picture = /** @type {HTMLImageElement} */ (h("img", { class: "qr", alt: t("board.scan") }));
  const renew = () => (picture.src = `/api/v1/stores/${store}/qr.svg?at=${Math.floor(Date.now() / CODE_MS)}`);
  const timer = setInterval(() => (picture.isConnected ? renew() : clearInterval(timer)), CODE_MS);
  renew();
  return h("li", { class: "kiosk-scan" }, picture, h("p", null, t("board.scan")));
}
const CODE_MS = 30_000;

/** @param {HTMLElement} grid @param {any[]} services @param {any} actions @param {(HTMLElement|null)[]} more */
function draw(grid, services, actions, more) {
  const last = more.filter(Boolean);
  const made = services.map((service, n) => tile(service, n, actions));
  fill(grid, made.map((m) => m.element), last);
  grid.dataset.count = String(services.length + last.length);
  return new Map(made.map((m) => [m.id, m.update]));
}

/** For those who have an appointment: a tile without a wait, in line with the others. @param {any} actions */
function arriveTile(actions) {
  return h("li", null, h("button", { class: "tile kiosk-arrive", type: "button", data: { action: "arrive" }, on: { click: actions.arrive } },
    h("span", { class: "tile-icon" }, icon("calendar")), h("span", { class: "tile-name" }, t("kiosk.arrive.ask")), h("span", { class: "tile-wait" }, h("p", { class: "range tile-range", "aria-hidden": "true" }, h("b", null, "\u00a0")), h("p", { class: "tile-waiting" }, t("kiosk.arrive.why")))));
}

/** @param {any} service @param {number} n its key on a keypad is n + 1 @param {any} actions */
function tile(service, n, actions) {
  const range = rangeView("tile-range");
  const waiting = h("p", { class: "tile-waiting" });
  const button = h("button", { class: "tile", type: "button", data: { action: "pick", service: service.id, ...(n < 9 ? { key: String(n + 1) } : {}) }, on: { click: () => actions.pick(service.id) } },
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
  const truth = h("p", { class: "small quiet" }, t("kiosk.confirm.truth"));
  const name = /** @type {HTMLInputElement} */ (h("input", { type: "text", maxlength: 40, autocomplete: "off", autocapitalize: "words", enterkeyhint: "done", id: "first-name" }));
  const party = companions();
  const choice = () => ({ name: name.value.trim(), companions: party.companions() });
  const later = h("button", { class: "btn btn-kiosk", type: "button", hidden: true, data: { action: "later" }, on: { click: () => actions.take({ ...choice(), later: laterOf(serviceOf(state).range) }) } });
  const book = h("button", { class: "btn btn-kiosk", type: "button", hidden: true, data: { action: "book" }, on: { click: () => actions.book(choice()) } }, icon("calendar"), h("span", null, h("b", null, t("kiosk.book.ask")), h("small", null, t("kiosk.book.why"))));
  const update = (/** @type {any} */ now) => {
    range.show(serviceOf(now).range, now.live);
    truth.hidden = now.card || !serviceOf(now).range; // said of this figure alone
    say(waiting, now.card ? t("kiosk.card.sooner") : waitingText(serviceOf(now)));
    const at = now.live && !now.card ? laterOf(serviceOf(now).range) : null;
    later.hidden = at === null;
    book.hidden = at === null || !bookable(now, service.id);
    if (at !== null) fill(later, icon("clock"), h("span", null, h("b", null, t("kiosk.later.ask", { at: time(at) })), h("small", null, t("kiosk.later.why"))));
  };
  return {
    update,
    nodes: h("div", { class: "confirm" },
      h("section", { class: "confirm-wait ticket" },
        h("p", { class: "confirm-service" }, pictogram(service.icon), h("span", null, label(service.labels, service.id))),
        h("div", { class: "confirm-figures" }, h("h1", { class: "confirm-label" }, t("kiosk.confirm.wait")), range.element, waiting),
        truth),
      h("section", { class: "confirm-options" },
        h("div", { class: "confirm-who" }, h("label", { class: "field" }, h("span", null, t("kiosk.confirm.name")), name, h("small", null, t("kiosk.confirm.name_why"))), party.element),
        h("button", { class: "btn btn-main btn-kiosk btn-wide", type: "button", data: { action: "take" }, on: { click: () => actions.take(choice()) } }, icon("ticket"), t("kiosk.confirm.take")),
        h("div", { class: "confirm-offers" }, later, book),
        h("button", { class: "btn btn-kiosk btn-wide", type: "button", data: { action: "decline" }, on: { click: actions.decline } }, t("kiosk.confirm.decline")))),
  };
}

/** Who comes along on the same ticket: nobody queues twice. */
function companions() {
  let people = 1;
  const count = h("p", { class: "party-count", role: "status" });
  const fewer = h("button", { class: "btn party-step", type: "button", "aria-label": t("kiosk.party.fewer"), on: { click: () => change(-1) } }, "−");
  const more = h("button", { class: "btn party-step", type: "button", data: { action: "more-people" }, "aria-label": t("kiosk.party.more"), on: { click: () => change(1) } }, "+");
  const change = (/** @type {number} */ by) => {
    people = Math.max(1, Math.min(PARTY_MAX, people + by));
    say(count, t("kiosk.party.people", { n: people }));
    set(fewer, "disabled", people === 1);
  };
  change(0);
  return { element: h("div", { class: "field party", role: "group", "aria-label": t("kiosk.party.ask") }, h("span", null, t("kiosk.party.ask")), h("div", { class: "party-row" }, fewer, count, more)), companions: () => people - 1 };
}
const PARTY_MAX = 9;

/** When somebody may come back without being called before: the short end of a long wait, on a round minute; null for a short one. @param {any} range @returns {number|null} */
function laterOf(range) {
  if (!range || range.low_s < LATER_FROM_S) return null;
  return Math.floor((Date.parse(range.as_of) + range.low_s * 1000) / LATER_STEP_MS) * LATER_STEP_MS;
}
const LATER_FROM_S = 15 * 60;
const LATER_STEP_MS = 5 * 60_000;

/** Sent; usually over before it is read. */
export function sending() {
  return { nodes: h("div", { class: "kiosk-center" }, h("span", { class: "travel" }, h("i")), h("h1", null, t("kiosk.sending.title"))) };
}

/**
 * The ticket; `answer` is the server's with the `range` to be shown, or {number} alone when the kiosk gave it out by itself. `printed` tells how the slip went.
 * @param {any} state @param {any} actions @param {any} answer
 */
export function ticket(state, actions, answer) {
  const range = rangeView("range-l");
  range.show(answer.range);
  const room = makeRoom(actions.done);
  const slip = h("p", { class: "got-stroll got-slip", role: "status", hidden: true }, icon("ticket"), h("span"));
  const printed = (/** @type {string} */ outcome) => {
    slip.hidden = false;
    say(/** @type {Element} */ (slip.lastChild), t(`kiosk.slip.${outcome}`));
  };
  return {
    printed,
    leave: room.stop,
    nodes: h("div", { class: "got", data: { provisional: String(!answer.token) } },
      h("section", { class: "got-ticket ticket", data: { number: answer.number } },
        h("div", { class: "got-top" },
          h("h1", { class: "got-label" }, t("kiosk.ticket.yours")),
          h("p", { class: "plate got-number", data: { said: speech.spelled(answer.number) } }, answer.number),
          h("p", { class: "got-service" }, label(serviceOf(state).labels, ""))),
        h("div", { class: "got-wait" }, answer.later ? h("p", { class: "got-later" }, t("kiosk.later.at", { at: time(answer.later) })) : [h("p", { class: "quiet" }, t("kiosk.ticket.wait")), range.element])),
      h("section", { class: "got-next" },
        answer.token ? gotQr(answer) : h("div", { class: "notice notice-warn" }, icon("info"), h("p", null, h("b", null, t("kiosk.provisional.title")), " ", t("kiosk.provisional.text"))),
        slip,
        answer.token ? h("p", { class: "got-stroll" }, icon("walk"), h("span", null, t("kiosk.ticket.stroll"))) : null,
        h("p", { class: "got-stroll quiet" }, icon("sound"), h("span", null, t("kiosk.ticket.no_phone"))),
        h("button", { class: "btn btn-main btn-kiosk btn-wide", type: "button", data: { action: "done" }, on: { click: actions.done } }, icon("check"), t("kiosk.ticket.done")),
        answer.token ? null : h("button", { class: "btn btn-kiosk btn-wide", type: "button", data: { action: "give-up" }, on: { click: actions.giveUp } }, t("kiosk.sending.stop")),
        room.element)),
  };
}

/** @param {any} answer */
function gotQr(answer) {
  return h("div", { class: "got-qr" }, qrPicture(answer.qr_svg, t("kiosk.ticket.qr_alt")), h("p", { class: "strong" }, t("kiosk.ticket.scan")));
}

/** Somebody who cannot use the screen called for help. @param {any} state @param {any} actions */
export function help(state, actions) {
  const text = h("p", { class: "kiosk-lead", role: "status" }, t(state.live ? "kiosk.help.text" : "kiosk.help.off"));
  const coming = (/** @type {string} */ name) => say(text, t("kiosk.help.coming", { name }));
  return {
    coming,
    nodes: h("div", { class: "kiosk-center" }, icon("people"), h("h1", null, t("kiosk.help.title")), text,
      h("button", { class: "btn btn-kiosk", type: "button", data: { action: "help-over" }, on: { click: actions.helped } }, t("kiosk.help.over"))),
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
  const more = own(state, "closed");
  return { nodes: h("div", { class: "kiosk-center" }, icon("mark"), title, text, more ? h("p", { class: "kiosk-lead", data: { own: "closed" } }, more) : null), update };
}

/** The server said no, and why. @param {any} state @param {any} actions @param {any} problem */
export function refused(state, actions, problem) {
  const key = has(`kiosk.refused.${problem.code}`) ? `kiosk.refused.${problem.code}` : "kiosk.refused.other";
  return {
    nodes: h("div", { class: "kiosk-center" }, icon("info"), h("h1", null, t("kiosk.refused.title")), h("p", { class: "kiosk-lead", role: "alert" }, t(key)),
      h("button", { class: "btn btn-main btn-kiosk", type: "button", on: { click: actions.done } }, t("kiosk.refused.ok"))),
  };
}

/** Back, languages, priority card, help, and how the screen is shown: always at the bottom, within low reach. @param {any} state @param {any} actions @param {string[]} languages */
export function foot(state, actions, languages) {
  const home = state.choosing && !state.inside;
  return [
    state.inside ? h("button", { class: "btn btn-kiosk kiosk-back", type: "button", data: { action: "back" }, on: { click: actions.back } }, icon("back"), h("span", null, t("kiosk.back"))) : null,
    home && languages.length > 1 ? h("div", { class: "kiosk-languages", role: "group", "aria-label": t("kiosk.language"), data: { count: String(languages.length) } }, languages.map((code) =>
      h("button", { class: "btn", type: "button", lang: code, data: { language: code }, "aria-pressed": String(code === lang()), on: { click: () => actions.language(code) } }, LANGUAGES[code] || code))) : null,
    (home || state.name === "confirm") && state.view?.phase === "open" ? cardSwitch(state, actions) : null,
    state.name === "help" ? null : h("button", { class: "btn btn-kiosk kiosk-help push", type: "button", data: { action: "help" }, on: { click: actions.help } }, icon("people"), h("span", null, t("kiosk.help.ask"))),
    h("div", { class: "kiosk-ways", role: "group", "aria-label": t("kiosk.display") }, ways(actions)),
  ];
}

/** @param {any} actions */
function ways(actions) {
  const root = document.documentElement.dataset;
  const press = (/** @type {string} */ name, /** @type {string} */ pictureName, /** @type {boolean} */ on, /** @type {() => void} */ run) =>
    h("button", { class: "btn", type: "button", data: { way: pictureName }, "aria-pressed": String(on), on: { click: run } }, icon(pictureName), h("span", null, name));
  return [
    press(t("kiosk.contrast"), "contrast", root.contrast === "more", actions.contrast),
    press(t("kiosk.size"), "size", root.size === "large", actions.size),
    press(t("kiosk.low"), "low", root.reach === "low", actions.reach),
    speech.able() ? press(t("kiosk.voice.name"), "sound", speech.speaking(), actions.voice) : null,
  ];
}
/** @type {Record<string, string>} */
const LANGUAGES = { fr: "Français", en: "English", es: "Español", de: "Deutsch", it: "Italiano", ar: "العربية" };
