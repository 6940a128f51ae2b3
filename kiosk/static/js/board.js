/**
 * The board on the wall: who is called, by whom and where; who comes next; how long each service takes now. It runs
 * for days without anybody: whatever breaks, it comes back alone, and it says so small when it is not live.
 */
import { get, insist } from "/static/web/js/api.js";
import * as chime from "/static/web/js/chime.js";
import * as clock from "/static/web/js/clock.js";
import { fill, find, h, icon, say } from "/static/web/js/dom.js";
import { label, lang, load, t, time, useZone } from "/static/web/js/i18n.js";
import { liveLine, pictogram, rangeView } from "/static/web/js/parts.js";
import { wear } from "/static/web/js/look.js";
import { apply } from "/static/web/js/prefs.js";
import { openView } from "/static/web/js/socket.js";
import { announce, prepare } from "./voice.js";

const CALLS_MAX = 4;
const NEXT_MAX = 6;
const RECENT_MAX = 3;
const SERVICES_MAX = 4; // at once, so that they can be read from afar; more take turns
const PAGE_MS = 10_000;
const FRESH_MS = 12_000; // a new call stays marked this long

const app = find("#app");
const store = app.dataset.store || "";

/** @type {{view: any, info: any, live: boolean, said: Set<string>|null, fresh: Map<string, number>, services: Map<string, any>}} */
const state = { view: null, info: {}, live: false, said: null, fresh: new Map(), services: new Map() };

const keyOf = (/** @type {any} */ call) => `${call.number}/${call.at}/${call.recalls}`;

/** The part of the store this board hangs in: ?services=phones,sound in its address; all of it without. */
const zone = new Set((new URLSearchParams(location.search).get("services") || "").split(",").filter(Boolean));

/** What concerns this board's zone; a number belongs to the service of its letter. @param {any} view @returns {any} */
function here(view) {
  if (zone.size === 0) return view;
  const letters = new Set((state.info.services || []).filter((/** @type {any} */ s) => zone.has(s.id)).map((/** @type {any} */ s) => s.letter));
  const ours = (/** @type {string} */ number) => letters.has(number.split("-")[0]);
  return { ...view, calls: view.calls.filter((/** @type {any} */ c) => zone.has(c.service)), recent: view.recent.filter((/** @type {any} */ r) => ours(r.number)), next: view.next.filter(ours), services: view.services.filter((/** @type {any} */ s) => zone.has(s.id)) };
}

/** @param {any} whole */
function onView(whole) {
  const view = here(whole);
  state.view = view;
  heard(view.calls);
  drawCalls(view);
  drawList(".board-next", view.next.slice(0, NEXT_MAX), (/** @type {string} */ n) => [h("span", { class: "plate" }, n)]);
  drawList(".board-recent", view.recent.slice(0, RECENT_MAX), (/** @type {any} */ r) => [h("span", { class: "plate" }, r.number), h("span", null, r.desk ? t("board.desk", { desk: r.desk }) : r.name)]);
  find(".board-foot .board-label").hidden = view.recent.length === 0;
  find(".board-foot").dataset.empty = String(view.recent.length === 0);
  drawServices(view.services);
}

/** Announce what is new; a board that has just started says nothing about calls made before. @param {any[]} calls */
function heard(calls) {
  const known = state.said;
  for (const call of [...calls].reverse()) {
    if (known && !known.has(keyOf(call)) && !call.coming) {
      state.fresh.set(call.number, Date.now());
      announce(call);
    }
  }
  state.said = new Set(calls.map(keyOf));
}

/** @param {any} view */
function drawCalls(view) {
  const calls = view.calls.slice(0, CALLS_MAX);
  const calm = find(".board-calm");
  calm.hidden = calls.length > 0;
  find("#calls-title").classList.toggle("unseen", calls.length === 0);
  if (!calm.hidden) drawCalm(calm, view);
  const list = find(".board-list");
  list.dataset.count = String(calls.length);
  const before = new Map([...list.children].map((li) => [/** @type {HTMLElement} */ (li).dataset.key, li]));
  const rows = calls.map((/** @type {any} */ call) => before.get(keyOf(call)) || callRow(call));
  if (rows.some((/** @type {any} */ row, /** @type {number} */ n) => row !== list.children[n]) || rows.length !== list.children.length) fill(list, rows);
}

/** Made once per call, so that it arrives once. @param {any} call */
function callRow(call) {
  const fresh = Date.now() - (state.fresh.get(call.number) || 0) < FRESH_MS;
  return h("li", { class: "board-call", data: { number: call.number, key: keyOf(call), fresh: String(fresh) } },
    h("span", { class: "plate board-number" }, call.number),
    h("span", { class: "board-who" }, h("b", null, call.name), call.desk ? h("span", null, icon("desk"), t("board.desk", { desk: call.desk })) : null));
}

/** What can be taken in at a glance, between calls: titles and summaries of what there is to read on the phone. @type {any[]} */
let tips = [];
const GLANCES = new Set(["tip", "offer", "news", "article"]);
const TIP_MS = 15_000;

async function readTips() {
  const { body } = await get(`/api/v1/stores/${store}/content?language=${lang()}&service=${[...zone][0] || ""}`);
  tips = body.filter((/** @type {any} */ item) => GLANCES.has(item.kind) && item.language === lang());
}

/** Nobody is being called: what this place is, in turn with a tip. @param {any} view @returns {{id: string, title: string, text: string}} */
function saying(view) {
  if (view.phase !== "open") return { id: "closed", title: t("board.closed_title"), text: t("board.closed") };
  const turn = Math.floor(Date.now() / TIP_MS);
  const tip = turn % 2 ? tips[Math.floor(turn / 2) % tips.length] : null;
  return tip ? { id: `tip ${tip.id}`, title: tip.title, text: tip.summary } : { id: "calm", title: t("board.calm_title"), text: t("board.calm") };
}

/** @param {HTMLElement} calm @param {any} view */
function drawCalm(calm, view) {
  const { id, title, text } = saying(view);
  if (calm.dataset.says === id) return;
  const scan = document.querySelector(".board-scan") ?? h("div", { class: "board-scan" }, h("img", { class: "qr", src: `/api/v1/stores/${store}/qr.svg`, alt: t("board.scan") }), h("p", null, t("board.scan")));
  calm.dataset.says = id;
  fill(calm, h("div", { class: "board-says", "aria-live": "off", data: id.startsWith("tip") ? { tip: id } : {} }, h("p", { class: "board-calm-title" }, title), h("p", null, text)), view.phase === "open" ? scan : null);
}

/** @param {string} selector @param {any[]} things @param {(thing: any) => any[]} nodesOf */
function drawList(selector, things, nodesOf) {
  const list = find(selector);
  const signature = JSON.stringify(things);
  if (list.dataset.drawn === signature) return;
  list.dataset.drawn = signature;
  fill(list, things.length ? things.map((thing) => h("li", null, nodesOf(thing))) : selector === ".board-next" ? h("li", { class: "board-nobody" }, t("board.nobody")) : null);
}

/** @param {any[]} services */
function drawServices(services) {
  const list = find(".board-services");
  if (services.length !== state.services.size) {
    const icons = new Map((state.info.services || []).map((/** @type {any} */ s) => [s.id, s.icon]));
    state.services = new Map(services.map((s) => {
      const range = rangeView("board-range");
      return [s.id, { range, element: h("li", null, pictogram(icons.get(s.id) || ""), h("span", { class: "board-service" }, label(s.labels, s.id)), range.element) }];
    }));
    fill(list, [...state.services.values()].map((s) => s.element));
  }
  for (const service of services) state.services.get(service.id)?.range.show(state.view.phase === "open" ? service.range : null, state.live);
  turnPage([...state.services.values()].map((s) => s.element));
}

/** Show the services whose turn it is: as many at a time as can be large. @param {HTMLElement[]} rows */
function turnPage(rows) {
  const pages = Math.max(1, Math.ceil(rows.length / SERVICES_MAX));
  const size = Math.ceil(rows.length / pages); // five are three and two, not four and one
  const page = Math.floor(Date.now() / PAGE_MS) % pages;
  rows.forEach((row, n) => (row.hidden = Math.floor(n / size) !== page));
  find(".board-services").dataset.count = String(size);
  say(find(".board-page"), pages > 1 ? `${page + 1}/${pages}` : "");
}

/** @param {import("/static/web/js/socket.js").Status} status */
function onStatus(status) {
  state.live = status.state === "live" || status.state === "polling";
  liveLine(find(".live"), status);
}

/** The code may hold a proof of presence that changes every minute. */
function renewCode() {
  const picture = document.querySelector(".board-scan .qr");
  if (picture instanceof HTMLImageElement) picture.src = `/api/v1/stores/${store}/qr.svg?at=${Math.floor(Date.now() / CODE_MS)}`;
}
const CODE_MS = 30_000;

function tick() {
  say(find(".board-clock"), clock.known() ? time(clock.now()) : "");
  if (!state.view) return;
  if (state.view.calls.length === 0) drawCalm(find(".board-calm"), state.view);
  drawServices(state.view.services);
  for (const [number, at] of state.fresh) if (Date.now() - at > FRESH_MS) state.fresh.delete(number);
  for (const call of document.querySelectorAll(".board-call[data-fresh=true]")) if (!state.fresh.has(find(".plate", call).textContent || "")) /** @type {HTMLElement} */ (call).dataset.fresh = "false";
}

/** Browsers keep sound locked until somebody touches the screen once; a kiosk-mode browser may allow it at once. */
async function sound() {
  const button = find(".board-sound");
  const arm = async () => (button.hidden = await chime.unlock());
  for (const type of ["pointerdown", "keydown"]) addEventListener(type, arm);
  button.addEventListener("click", arm);
  fill(button, icon("sound"), t("board.sound"));
  await arm();
}

const ABOUT_MS = 10 * 60_000; // name, services and look may be changed while the board hangs there

async function about() {
  state.info = (await get(`/api/v1/stores/${store}`)).body;
  useZone(state.info.zone);
  wear(store, state.info);
  say(find(".board-store"), state.info.name);
}

async function begin() {
  apply();
  await insist(() => load(document.documentElement.lang, ["board"]));
  clock.start();
  await insist(about);
  setInterval(() => about().catch(() => null), ABOUT_MS);
  openView({ path: "/ws/board", hello: () => ({ store, screen: "board" }), poll: `/api/v1/stores/${store}/views/board`, onView, onStatus });
  clock.every(tick, 1000);
  clock.every(renewCode, CODE_MS);
  readTips().catch(() => null);
  setInterval(() => readTips().catch(() => null), ABOUT_MS); // seasons, feeds and what a manager has written since
  insist(() => prepare((app.dataset.languages || "fr").split(",")));
  sound();
}

begin();
