/**
 * The shopper's page: one ticket, followed live. The token comes from behind the "#" (or from the device, when the
 * shopper comes back without the link) and never leaves for anywhere but the API.
 */
import { get, insist } from "/static/web/js/api.js";
import * as chime from "/static/web/js/chime.js";
import * as clock from "/static/web/js/clock.js";
import { ask, fill, find, h, icon, say, toast } from "/static/web/js/dom.js";
import { label, lang, load, t, turn, useZone } from "/static/web/js/i18n.js";
import { liveLine, rangeWords } from "/static/web/js/parts.js";
import { wear } from "/static/web/js/look.js";
import { apply, keep, recall } from "/static/web/js/prefs.js";
import { newer, openView } from "/static/web/js/socket.js";
import { actionsOf } from "./actions.js";
import { callScreen } from "./call.js";
import * as screens from "./screens.js";
import { facts } from "./words.js";

const KEPT = "avous.ticket";
const LATER_MS = 4000; // what is kept for a tunnel comes after everything that is needed now
const QUIET_MS = 15_000; // between two spoken movements
const kept = JSON.parse(recall(KEPT) || "null");
const token = decodeURIComponent(location.hash.slice(1)) || kept?.token || "";

/** @type {{view: any, info: any, screen: any, phase: string, service: string, moment: string, ahead: number, toldAt: number, live: any, reading: any, call: any, context: any}} */
const state = { view: null, info: JSON.parse(recall("avous.store") || "{}"), screen: null, phase: "", service: "", moment: "", ahead: -1, toldAt: 0, live: null, reading: null, call: null, context: null };

const labelOf = (/** @type {string} */ service) => label((state.info.services || []).find((/** @type {any} */ s) => s.id === service)?.labels, service);

/** @param {any} view */
function onView(view) {
  if (!newer(view, state.view)) return;
  const first = !state.view;
  state.view = view;
  if (first) greet(view);
  keep(KEPT, view.phase === "ended" ? null : JSON.stringify({ token, store: view.store, number: view.number }));
  draw();
  announce(view);
}

/** The first view says which store and language this is. @param {any} view */
async function greet(view) {
  if (view.language !== lang() && !new URLSearchParams(location.search).has("lang")) await speak(view.language);
  about(view.store);
}

/** @param {string} language */
async function speak(language) {
  await load(language, ["phone", "errors"]);
  turn(language);
  redraw();
}

/** Names of the store and its services, remembered for the next time. @param {string} store */
async function about(store) {
  try {
    const { body } = await get(`/api/v1/stores/${store}`);
    state.info = { id: store, name: body.name, zone: body.zone, usual: body.usual_s, look: body.look, services: body.services.map((/** @type {any} */ s) => ({ id: s.id, labels: s.labels })) };
    keep("avous.store", JSON.stringify(state.info));
    useZone(state.info.zone);
    wear(store, state.info);
    if (state.live) liveLine(find(".live"), state.live);
    redraw();
  } catch {
    setTimeout(() => about(store), 10_000);
  }
}

function redraw() {
  state.phase = "";
  state.context = contextOf(state.context?.memory);
  state.call?.hide();
  state.call = callScreen({ ...state.context });
  draw();
}

function draw() {
  const { view } = state;
  if (!view) return;
  say(find(".phone-store"), state.info.name || "");
  Object.assign(document.body.dataset, { phase: view.phase, number: view.number }); // what tests and styles may look at
  const phase = view.phase === "called" ? "waiting" : view.phase;
  if (state.service !== view.service && state.phase) {
    state.phase = ""; // another service: another ticket on the screen, and another line that has just begun
    Object.assign(state.context.memory, { ahead: 0, most: 0 });
  }
  state.service = view.service;
  if (phase !== state.phase || view.moment === "called") show(phase, view);
  state.screen?.update(view);
  if (view.phase === "called") state.call.show(view);
  else state.call.hide();
  title(view);
  content(view);
}

/** @param {string} phase @param {any} view */
function show(phase, view) {
  if (phase === state.phase) return;
  state.phase = phase;
  stayAwake();
  state.screen = /** @type {any} */ (screens)[phase]({ ...view }, state.context);
  fill(find(".phone-main"), h("h1", { class: "unseen" }, t("phone.title")), state.screen.nodes);
  scrollTo(0, 0);
}

/** The tab, and the icon of an installed page, say where we are even when something else is in front. @param {any} view */
function title(view) {
  const called = view.phase === "called" && !view.call.coming;
  document.title = called ? `● ${t("phone.call.title")} · ${view.number}` : `${view.number} · À Vous`;
  navigator.setAppBadge?.(called ? 1 : 0).catch(() => null);
  find("link[rel=icon]", document.head).setAttribute("href", `/static/web/icon${called ? "-call" : ""}.svg`);
}

/** Small moments are felt and said once; plain movement is only said, and not more often than ears can bear. @param {any} view */
function announce(view) {
  const moment = view.closer && view.phase === "waiting" ? "closer" : view.moment;
  if (moment !== state.moment && ["two_ahead", "next", "closer"].includes(moment)) {
    tell(t(moment === "closer" ? "phone.closer" : `phone.moment.${moment}`));
    if (state.moment) (chime.tick(), chime.buzz(120));
  } else if (view.phase === "waiting" && view.ahead !== state.ahead && Date.now() - state.toldAt > QUIET_MS) {
    tell(`${rangeWords(view.range)}. ${facts(view)[0]}`);
  }
  state.moment = moment;
  state.ahead = view.ahead;
}

/** For ears only. @param {string} text */
function tell(text) {
  state.toldAt = Date.now();
  say(find(".phone-announce"), text);
}

/** Something to read comes after the first view is on screen, from its own module. @param {any} view */
async function content(view) {
  state.reading ??= insist(() => import("./reading.js")).then((m) => m.reading({ store: view.store, service: view.service, actions: state.context.actions, token }));
  (await state.reading).update(state.view);
}

/** @param {any} status */
function onStatus(status) {
  if (state.live && state.live.state !== status.state && ["live", "waiting"].includes(status.state)) tell(t(`phone.connection.${status.state}`));
  state.live = status;
  liveLine(find(".live"), status);
  if (status.state === "gone") keep(KEPT, null);
  if (status.state === "gone" || status.state === "taken") nothing(status.state);
  else if (state.phase === "nothing") redraw();
}

/** @param {"gone"|"taken"|"none"} kind */
function nothing(kind) {
  state.phase = "nothing";
  state.screen = null;
  state.call?.hide();
  find(".phone-reading").hidden = true;
  fill(find(".phone-main"), h("h1", { class: "unseen" }, t("phone.title")), screens.nothing(kind, { store: state.view?.store || state.info.id || kept?.store || "", retake: () => socket?.resync() }).nodes);
}

/** Why somebody leaves is one more touch, not a question that blocks. */
async function askLeave() {
  const dialog = /** @type {HTMLDialogElement} */ (find("dialog.sheet"));
  const reasons = ["alone", "long", "later", "none"].map((value) => h("button", { class: "btn btn-wide btn-stop", value }, t(`phone.leave.${value}`)));
  fill(dialog, h("form", { method: "dialog", class: "stack" }, h("h2", { id: "sheet-title" }, t("phone.leave.title")), h("p", { class: "quiet" }, t("phone.leave.text")), reasons, h("button", { class: "btn btn-main btn-big btn-wide", value: "" }, t("phone.leave.stay"))));
  const answer = await ask(dialog);
  if (answer) state.context.actions.leave(answer === "none" ? "" : answer);
}

/** The bell: sound needs one tap; after it, the page is armed. */
function bell() {
  const button = h("button", { class: "btn btn-wide bell", type: "button" }, icon("bell"), h("span", null, t("phone.bell.ask")));
  const armed = () => (fill(button, icon("check"), h("span", null, t("phone.bell.armed"))), (button.dataset.armed = "true"), (button.disabled = true));
  button.addEventListener("click", async () => (await chime.unlock()) && (armed(), chime.tick()));
  if (chime.ready()) armed();
  else document.addEventListener("pointerdown", async () => (await chime.unlock()) && armed(), { once: true });
  return button;
}

/** @param {{ahead: number, most: number}} [memory] */
function contextOf(memory = { ahead: 0, most: 0 }) {
  const actions = actionsOf(token, onView);
  const usual = (/** @type {string} */ service) => state.info.usual?.[service] || 0;
  const more = () => import("./more.js").then((m) => m.openMore({ token, view: state.view, info: state.info, actions, labelOf }), () => toast(t("phone.no_line")));
  const apology = () => get("/api/v1/ticket/apology", { token });
  return { actions, labelOf, usual, more, apology, askLeave, memory, bell: bell(), live: () => state.live?.state === "live" || state.live?.state === "polling", store: state.view?.store || "" };
}

/** @type {Promise<any>} */
let lock = Promise.resolve(null);

/** Keep the screen awake while waiting, where the device lets us: one lock, asked for again when it was lost, given back in the end. */
function stayAwake() {
  const wanted = () => document.visibilityState === "visible" && ["waiting", "called"].includes(state.view?.phase);
  lock = lock.then((held) => (!wanted() ? held?.release() : held && !held.released ? held : navigator.wakeLock?.request("screen").catch(() => null)));
}

/** @type {ReturnType<typeof openView>|undefined} */
let socket;

async function begin() {
  apply();
  await load(document.documentElement.lang, ["phone", "errors"]);
  useZone(state.info.zone);
  if (kept?.store && kept.store === state.info.id) wear(kept.store, state.info); // at once: the device knows the store
  if (!token) return nothing("none");
  if (!location.hash) history.replaceState(null, "", `/t/#${token}`);
  clock.start();
  state.context = contextOf();
  state.call = callScreen(state.context);
  socket = openView({ path: "/ws/phone", hello: () => ({ token }), poll: "/api/v1/ticket", token, alone: token, onView, onStatus });
  clock.every(() => state.view && state.screen?.update(state.view), 5000);
  for (const type of ["visibilitychange", "pointerdown"]) document.addEventListener(type, stayAwake);
  addEventListener("hashchange", () => location.reload());
  addEventListener("load", () => setTimeout(() => insist(() => import("/static/web/js/worker.js")).then((m) => m.keepForLater()), LATER_MS));
}

begin();
