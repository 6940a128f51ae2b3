/** Joining with one's own phone: the same choices as the kiosk, in one column; then on to the ticket. */
import { Problem, command, get } from "/static/web/js/api.js";
import * as clock from "/static/web/js/clock.js";
import { busy, fill, find, h, icon, say, set } from "/static/web/js/dom.js";
import { has, label, lang, load, t, time, useZone } from "/static/web/js/i18n.js";
import { liveLine, pictogram, rangeView } from "/static/web/js/parts.js";
import { wear } from "/static/web/js/look.js";
import { apply, keep, recall } from "/static/web/js/prefs.js";
import { openView } from "/static/web/js/socket.js";

const app = find("#app");
const main = find(".phone-main");
const store = app.dataset.store || "";
const shown = new URLSearchParams(location.search).get("p"); // the code of the store's screens

/** @type {{view: any, info: any, live: boolean, service: string|null, card: boolean, update: (() => void)|null}} */
const state = { view: null, info: {}, live: false, service: null, card: false, update: null };

const serviceOf = () => state.view.services.find((/** @type {any} */ s) => s.id === state.service) || state.view.services[0];

/** @param {any} service */
function lengthOf(service) {
  if (service.people === 0) return t("join.nobody_serving");
  return service.waiting === 0 ? t("join.nobody_waiting") : t("join.waiting", { n: service.waiting });
}

function choose() {
  const rows = state.view.services.map((/** @type {any} */ service) => {
    const range = rangeView("join-range");
    const text = h("span", { class: "small quiet" });
    const button = h("button", { class: "choice", type: "button", data: { action: "pick", service: service.id }, on: { click: () => ((state.service = service.id), confirm()) } },
      h("span", { class: "choice-icon" }, pictogram(service.icon)), h("span", { class: "choice-name" }, h("b", null, label(service.labels, service.id)), text), range.element);
    return { id: service.id, element: h("li", null, button), update: (/** @type {any} */ s) => (range.show(s.range, state.live), say(text, lengthOf(s))) };
  });
  draw([h("h1", { class: "join-title" }, t("join.choose")), h("p", { class: "quiet" }, state.info.name || ""), own("welcome"), restored(), h("ul", { class: "choices" }, rows.map((/** @type {any} */ r) => r.element)), notice()]);
  state.update = () => rows.forEach((/** @type {any} */ r) => r.update(state.view.services.find((/** @type {any} */ s) => s.id === r.id) || { waiting: 0 }));
  state.update();
}

/** The ticket this phone already has here. */
function restored() {
  const kept = JSON.parse(recall("avous.ticket") || "null");
  if (!kept || kept.store !== store) return null;
  return h("a", { class: "notice notice-go", href: `/t/#${kept.token}` }, icon("ticket"), h("span", null, t("join.have", { number: kept.number.replace("-", "\u2011") })), icon("next"));
}

/** A text of the store's own. @param {"welcome"|"closed"} place */
function own(place) {
  const text = label(state.info?.texts?.[place] ?? {}, "");
  return text ? h("p", { data: { own: place } }, text) : null;
}

function notice() {
  const text = label(state.info.notices, "");
  return text ? h("p", { class: "notice notice-plain small" }, icon("info"), h("span", null, text)) : null;
}

function confirm() {
  const service = serviceOf();
  const range = rangeView("range-xl");
  const text = h("p", { class: "quiet" });
  const problem = h("p", { class: "notice notice-stop", role: "alert", hidden: true });
  const name = /** @type {HTMLInputElement} */ (h("input", { type: "text", maxlength: 40, autocomplete: "given-name", enterkeyhint: "done" }));
  const card = h("button", { class: "switch", type: "button", role: "switch", "aria-checked": String(state.card), on: { click: () => (set(card, "aria-checked", String((state.card = !state.card))), state.update?.()) } },
    icon("priority"), h("span", null, h("b", null, t("join.card")), h("small", { class: "quiet" }, t("join.card_notice"))), h("i"));
  const take = h("button", { class: "btn btn-main btn-big btn-wide join-take", type: "button", data: { action: "take" }, on: { click: () => busy(take, () => join(name.value.trim(), problem)) } }, icon("ticket"), t("join.take"));
  const book = h("a", { class: "btn btn-wide", href: `/s/${store}/book?lang=${lang()}&service=${service.id}`, hidden: true, data: { action: "book" } }, icon("clock"), t("join.book"));
  draw([
    h("section", { class: "paper ticket" }, h("div", { class: "paper-top paper-pick" }, pictogram(service.icon), h("p", { class: "paper-service" }, label(service.labels, service.id))),
      h("div", { class: "paper-rest" }, h("h1", { class: "label" }, t("join.wait")), range.element, text, h("p", { class: "small quiet" }, t("join.truth")))),
    card, h("label", { class: "field" }, h("span", null, t("join.name")), name, h("small", null, t("join.name_why"))), problem, take, book,
    h("button", { class: "btn btn-wide", type: "button", data: { action: "decline" }, on: { click: decline } }, t("join.decline")),
    h("button", { class: "btn btn-plain btn-wide", type: "button", on: { click: choose } }, t("join.other")),
  ]);
  state.update = () => {
    range.show(serviceOf().range, state.live);
    say(text, state.card ? t("join.card_sooner") : lengthOf(serviceOf()));
    book.hidden = !(state.info.bookable || []).includes(service.id) || (serviceOf().range?.low_s || 0) < LONG_S;
  };
  state.update();
}

const LONG_S = 15 * 60; // a wait from which on an hour of one's own is offered

/** One id until the server has answered, however often it is sent. @param {string} name @param {HTMLElement} line where trouble is told */
async function join(name, line) {
  line.hidden = true;
  try {
    const body = { service: state.service, language: lang(), ...(state.card ? { priority: "card" } : {}), ...(name ? { name } : {}), ...(shown ? { presence: shown } : {}) };
    const answer = await command(`/api/v1/stores/${store}/tickets`, body, { onWait: () => ((line.hidden = false), say(line, t("join.retrying"))) });
    keep("avous.ticket", JSON.stringify({ token: answer.token, store, number: answer.number }));
    location.assign(`/t/?lang=${lang()}#${answer.token}`);
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    line.hidden = false;
    say(line, has(`errors.${problem.code}`) ? t(`errors.${problem.code}`, problem.facts) : t("join.trouble"));
  }
}

function decline() {
  command(`/api/v1/stores/${store}/balks`, { service: state.service }).catch(() => {});
  draw([h("section", { class: "paper ticket" }, h("div", { class: "paper-rest" }, h("h1", { class: "headline" }, t("join.declined_title")), h("p", null, t("join.declined")))), h("button", { class: "btn btn-wide", type: "button", on: { click: choose } }, t("join.again"))]);
  state.update = null;
}

function closed() {
  const { phase, opens_at: opens } = state.view;
  draw([h("section", { class: "paper ticket" }, h("div", { class: "paper-rest" }, h("h1", { class: "headline" }, t(`join.closed.${phase}_title`)), h("p", null, t(`join.closed.${phase}`, { at: opens ? time(opens) : "" })), own("closed"))), restored()]);
  state.update = null;
}

/** @param {any[]} nodes */
function draw(nodes) {
  fill(main, nodes);
  main.focus({ preventScroll: true });
  scrollTo(0, 0);
}

/** @param {any} view */
function onView(view) {
  const before = state.view?.phase;
  state.view = view;
  if (before !== view.phase) (view.phase === "open" ? choose : closed)();
  else state.update?.();
}

/** @param {any} status */
function onStatus(status) {
  state.live = status.state === "live" || status.state === "polling";
  liveLine(find(".live"), status);
  state.update?.();
}

async function begin() {
  apply();
  await load(document.documentElement.lang, ["join", "errors"]);
  clock.start();
  try {
    state.info = (await get(`/api/v1/stores/${store}`)).body;
    useZone(state.info.zone);
    wear(store, state.info);
  } catch (problem) {
    if (/** @type {Problem} */ (problem).status === 404) return draw([h("h1", null, t("common.no_store"))]);
  }
  openView({ path: "/ws/board", hello: () => ({ store, screen: "kiosk" }), poll: `/api/v1/stores/${store}/views/kiosk`, onView, onStatus });
  clock.every(() => state.update?.(), 5000);
}

begin();
