/**
 * The kiosk: choose a department, see the wait, take a ticket. Three touches at most. It keeps the store's view
 * live over one socket, draws one screen at a time, and starts afresh for everybody.
 */
import { Problem, get } from "/static/web/js/api.js";
import * as clock from "/static/web/js/clock.js";
import { fill, find, say } from "/static/web/js/dom.js";
import { load, t, time, useZone } from "/static/web/js/i18n.js";
import { apply as applyPrefs, use } from "/static/web/js/prefs.js";
import { openView } from "/static/web/js/socket.js";
import { watchIdle } from "./idle.js";
import * as joins from "./joins.js";
import { choose, closed, confirm, foot, refused, sending, ticket } from "./screens.js";

const app = find("#app");
const store = app.dataset.store || "";
const languages = (app.dataset.languages || "fr").split(",");

/** @type {{view: any, info: any, live: boolean, lang: string, card: boolean, service: string|null, screen: any, choosing: boolean, join: joins.Join|null}} */
const state = { view: null, info: {}, live: false, lang: languages[0], card: false, service: null, screen: null, choosing: true, join: null };

const actions = {
  pick: (/** @type {string} */ service) => show(confirm, { service }),
  back: () => show(home(), { service: null }),
  decline: () => (joins.balk(store, state.service || ""), restart()),
  card: (/** @type {boolean} */ on) => ((state.card = on), redrawFoot(), state.screen?.update?.(state)),
  take: (/** @type {{name: string}} */ choice) => take(choice),
  giveUp: () => (state.join && joins.giveUp(state.join), restart()),
  done: () => restart(),
  language: (/** @type {string} */ lang) => speak(lang),
  contrast: () => toggle("contrast", "more"),
  size: () => toggle("size", "large"),
};

/** Draw a screen; it gives {nodes, update?, focus?, leave?}. @param {Function} screen @param {Partial<typeof state>} [change] @param {...any} extra */
function show(screen, change = {}, ...extra) {
  Object.assign(state, change);
  state.screen?.leave?.();
  state.screen = screen(state, actions, ...extra);
  app.dataset.screen = screen.name;
  state.choosing = ["choose", "confirm", "closed"].includes(screen.name);
  fill(find(".kiosk-main"), state.screen.nodes);
  redrawFoot();
  state.screen.update?.(state);
  find(".kiosk-main").focus({ preventScroll: true });
  scrollTo(0, 0);
}

function home() {
  return state.view && state.view.phase !== "open" ? closed : choose;
}

/** Afresh for the next person: first language, no card, normal size. */
async function restart() {
  for (const name of ["contrast", "size"]) use(name, null);
  applyPrefs();
  Object.assign(state, { card: false, service: null, join: null });
  if (state.lang !== languages[0]) await speak(languages[0]);
  else show(home());
}

/** Nobody answered the warning: whoever had the wait before their eyes and walked away is counted as balked. */
function abandoned() {
  if (app.dataset.screen === "confirm" && state.service) joins.balk(store, state.service);
  if (state.join) joins.giveUp(state.join);
  restart();
}

/** @param {{name: string}} choice */
function take(choice) {
  const service = state.service || "";
  const body = { service, language: state.lang, ...(state.card ? { priority: "card" } : {}), ...(choice.name ? { name: choice.name } : {}) };
  return deliver(joins.begin(store, body));
}

/** @param {joins.Join} join */
async function deliver(join) {
  state.join = join;
  show(sending, { service: join.body.service });
  const shown = state.screen;
  try {
    const answer = await joins.send(join, (n) => state.screen === shown && shown.waiting(n));
    if (answer && state.join === join) show(ticket, { join: null }, answer);
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    if (state.join === join) show(refused, { join: null }, problem);
  }
}

/** @param {string} lang */
async function speak(lang) {
  await load(lang, ["kiosk", "errors"]);
  document.documentElement.lang = state.lang = lang;
  document.documentElement.dir = lang === "ar" ? "rtl" : "ltr";
  show(app.dataset.screen === "confirm" ? confirm : home());
  ticking();
}

/** @param {string} name @param {string} value */
function toggle(name, value) {
  use(name, document.documentElement.dataset[name] === value ? null : value);
  redrawFoot();
}

/** The pressed button stays focused. */
function redrawFoot() {
  const place = [...document.querySelectorAll(".kiosk-foot button")].indexOf(/** @type {any} */ (document.activeElement));
  fill(find(".kiosk-foot"), foot(state, actions, languages));
  if (place >= 0) /** @type {HTMLElement} */ (document.querySelectorAll(".kiosk-foot button")[place])?.focus();
}

/** @param {any} view */
function onView(view) {
  const before = state.view?.phase;
  state.view = view;
  if (before !== view.phase && ["choose", "closed"].includes(app.dataset.screen || "")) show(home());
  else state.screen?.update?.(state);
}

/** @param {import("/static/web/js/socket.js").Status} status */
function onStatus(status) {
  state.live = status.state === "live" || status.state === "polling";
  const line = find(".kiosk-away");
  line.hidden = state.live || status.updatedAt === null;
  say(line, line.hidden ? "" : t("kiosk.away"));
  state.screen?.update?.(state);
}

function ticking() {
  say(find(".kiosk-clock"), clock.known() ? time(clock.now()) : "");
  say(find(".kiosk-store"), state.info.name || "");
}

async function about() {
  try {
    state.info = (await get(`/api/v1/stores/${store}`)).body;
    useZone(state.info.zone);
    state.view ??= state.info;
  } catch (problem) {
    if (/** @type {Problem} */ (problem).status === 404) return false;
    setTimeout(about, 5000);
  }
  return true;
}

async function begin() {
  applyPrefs();
  await untilDone(() => load(state.lang, ["kiosk", "errors"]));
  clock.start();
  if (!(await about())) return say(find(".kiosk-main"), t("common.no_store"));
  show(home());
  openView({ path: "/ws/board", hello: () => ({ store, screen: "kiosk" }), poll: `/api/v1/stores/${store}/views/kiosk`, onView, onStatus });
  watchIdle({ armed: () => !["choose", "closed", "ticket"].includes(app.dataset.screen || "") || state.card || state.lang !== languages[0], reset: abandoned });
  clock.every(() => (ticking(), state.screen?.update?.(state)), 1000);
  const join = joins.interrupted(store);
  if (join) (join.givenUp ? joins.send(join, () => {}).catch(() => {}) : deliver(join));
}

/** The first words may have to wait for the server: an unattended screen keeps trying. @param {() => Promise<any>} work */
async function untilDone(work) {
  for (;;) {
    try {
      return await work();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 3000));
    }
  }
}

begin();
