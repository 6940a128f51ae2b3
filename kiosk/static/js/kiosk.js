/**
 * The kiosk: choose a department, see the wait, take a ticket. Three touches at most. It keeps the store's view
 * live over one socket, draws one screen at a time, and starts afresh for everybody.
 */
import { Problem, command, get, insist, pause } from "/static/web/js/api.js";
import * as clock from "/static/web/js/clock.js";
import { fill, find, say } from "/static/web/js/dom.js";
import { dayName, load, t, time, turn, useZone, wordsOf } from "/static/web/js/i18n.js";
import { wear } from "/static/web/js/look.js";
import { rangeWords } from "/static/web/js/parts.js";
import { apply as applyPrefs, use } from "/static/web/js/prefs.js";
import { openView } from "/static/web/js/socket.js";
import { keepForLater } from "/static/web/js/worker.js";
import { callForHelp } from "./alerts.js";
import { watchIdle } from "./idle.js";
import * as joins from "./joins.js";
import * as keys from "./keys.js";
import { appointment, arrive, booked } from "./appointments.js";
import { choose, closed, confirm, foot, help, refused, sending, ticket } from "./screens.js";
import { serviceOf } from "./services.js";
import * as slips from "./slip.js";
import * as speech from "./speech.js";

const ROOMS = ["kiosk", "board", "errors"];

const app = find("#app");
const store = app.dataset.store || "";
const languages = (app.dataset.languages || "fr").split(",");

/** @type {{view: any, info: any, live: boolean, heard: boolean, lang: string, card: boolean, service: string|null, name: string, screen: any, choosing: boolean, inside: boolean, join: joins.Join|null, waiting: number}} */
const state = { view: null, info: {}, live: false, heard: false, lang: languages[0], card: false, service: null, name: "", screen: null, choosing: true, inside: false, join: null, waiting: 0 };

const actions = {
  pick: (/** @type {string} */ service) => show(confirm, { service }),
  back: () => state.inside && (app.dataset.screen === "appointment" ? show(confirm) : show(home(), { service: null })),
  book: (/** @type {Choice} */ choice) => show(appointment, {}, choice),
  booked: (/** @type {any} */ answer) => give(booked, answer, { number: answer.code, wait: `${t("kiosk.book.yours")} · ${dayName(answer.at)} ${time(answer.at)}`, note: t("kiosk.book.keep") }),
  arrive: () => show(arrive, { service: null }),
  arrived: (/** @type {any} */ answer) => (show(sending, { service: answer.view.service }), withOwnRange(answer).then(giveTicket)),
  decline: () => (joins.balk(store, state.service || ""), restart()),
  card: (/** @type {boolean} */ on) => ((state.card = on), redrawFoot(), state.screen?.update?.(state)),
  take: (/** @type {Choice} */ choice) => take(choice),
  giveUp: () => (state.join && joins.giveUp(state.join), restart()),
  done: () => restart(),
  helped: () => show(home(), { service: null }),
  help: () => state.name === "help" || callHelp(),
  language: (/** @type {string} */ lang) => choseLanguage(lang),
  contrast: () => toggle("contrast", "more"),
  size: () => toggle("size", "large"),
  reach: () => toggle("reach", "low"),
  voice: () => (speech.turn(!speech.speaking()), redrawFoot()),
};
/** @typedef {{name: string, companions: number, later?: number|null}} Choice later: come back then (ms since the epoch) */

/** Draw a screen; it gives {nodes, update?, focus?, leave?}. @param {Function} screen @param {Partial<typeof state>} [change] @param {...any} extra */
function show(screen, change = {}, ...extra) {
  Object.assign(state, change);
  state.screen?.leave?.();
  state.screen = screen(state, actions, ...extra);
  state.name = app.dataset.screen = screen.name;
  state.inside = ["confirm", "appointment", "arrive"].includes(screen.name);
  state.choosing = state.inside || ["choose", "closed"].includes(screen.name);
  fill(find(".kiosk-main"), state.screen.nodes);
  redrawFoot();
  state.screen.update?.(state);
  find(".kiosk-main").focus({ preventScroll: true });
  scrollTo(0, 0);
  speech.readScreen();
}

/** Open or not; the closing time counts also while nobody tells us. */
function home() {
  const over = clock.known() && Date.parse(state.view?.closes_at || "") < clock.now();
  return state.view && (state.view.phase !== "open" || over) ? closed : choose;
}

/** Afresh for the next person: first language, no card, normal size. */
async function restart() {
  for (const name of ["contrast", "size", "reach"]) use(name, null);
  applyPrefs();
  if (speech.speaking()) speech.turn(false);
  Object.assign(state, { card: false, service: null, join: null });
  if (state.lang !== languages[0]) await speak(languages[0]);
  show(home());
}

/** Nobody answered the warning: whoever had the wait before their eyes and walked away is counted as balked. */
function abandoned() {
  if (["confirm", "appointment"].includes(app.dataset.screen || "") && state.service) joins.balk(store, state.service);
  if (state.join) joins.giveUp(state.join);
  restart();
}

/** @param {Choice} choice */
async function take({ name, companions, later }) {
  const service = state.view.services.find((/** @type {any} */ s) => s.id === state.service);
  const body = { service: service.id, language: state.lang, ...(state.card ? { priority: "card" } : {}), ...(name ? { name } : {}), ...(companions ? { companions } : {}) };
  show(sending);
  const how = { letter: service.letter, day: state.view.day, patienceMs: state.live ? joins.PATIENCE_MS : 0 };
  deliver(await joins.begin(store, how, body), how.patienceMs, later || null);
}

/** Show the ticket when it comes; a number of the kiosk's own when it does not come soon. @param {joins.Join} join @param {number} patienceMs @param {number|null} later */
async function deliver(join, patienceMs, later = null) {
  show(sending, { service: join.body.service, join });
  const mine = () => state.join === join;
  const answering = joins.answerOf(join);
  let answered = false;
  let given = false;
  const giveOwn = async () => {
    const number = mine() && !answered && (await joins.handOut(join));
    if (number && mine() && !answered) (given = true), giveTicket({ number });
  };
  const slow = setTimeout(giveOwn, patienceMs);
  try {
    const answer = await answering;
    answered = true;
    if (answer && later) await putOff(answer, later);
    const whole = answer && mine() ? await withOwnRange(answer) : null;
    if (whole && mine()) await giveTicket({ ...whole, later }, given);
  } catch (problem) {
    answered = true;
    if (!(problem instanceof Problem)) throw problem;
    if (mine()) show(refused, { join: null }, problem);
  } finally {
    clearTimeout(slow);
  }
}

/** The ticket on the screen and on paper; on paper once. @param {any} answer @param {boolean} [again] whether this number was printed already */
function giveTicket(answer, again = false) {
  const note = answer.later ? t("kiosk.later.at", { at: time(answer.later) }) : answer.token ? "" : t("kiosk.provisional.text");
  const range = answer.view?.range ?? (answer.token && !own(answer) ? serviceOf(state).range : null);
  const wait = range && !answer.later ? `${t("kiosk.ticket.wait")} · ${rangeWords(range)}` : "";
  return give(ticket, { ...answer, range }, again ? null : { number: answer.number, wait, note });
}

/** Whether this wait is not that of everybody who comes now: a card goes first, an appointment at its hour. @param {any} answer @returns {boolean} */
const own = (answer) => answer.view.card || answer.view.appointment_at !== null;

/** The answer with the wait of such a ticket, which is known a moment after the join; without it when that takes too long. @param {any} answer @returns {Promise<any>} */
async function withOwnRange(answer) {
  for (let n = 0; n < RANGE_TRIES && own(answer) && !answer.view.range; n += 1) {
    await pause(RANGE_AFTER_MS);
    const view = await get("/api/v1/ticket", { token: answer.token }).then(({ body }) => body, () => answer.view);
    answer = { ...answer, view };
  }
  return answer;
}
const RANGE_AFTER_MS = 300;
const RANGE_TRIES = 5;

/** Show what somebody has got, and print it. @param {Function} screen @param {any} answer @param {{number: string, wait: string, note: string}|null} paper */
async function give(screen, answer, paper) {
  show(screen, {}, answer);
  const shown = state.screen;
  if (!paper) return;
  const service = serviceOf(state);
  const outcome = await slips.printSlip(state.info, { ...paper, service, url: answer.url });
  if (state.screen === shown && outcome !== "none") shown.printed(outcome);
}

/** "Come back at 15:20": nobody calls before, as far as the store lets people stay away. @param {any} answer @param {number} later */
async function putOff(answer, later) {
  const minutes = Math.min(AWAY_MAX_MIN, (later - clock.now()) / 60_000);
  if (minutes > 1) await command("/api/v1/ticket/away", { minutes }, { token: answer.token }).catch(() => {}); // refused: the place is kept all the same
}
const AWAY_MAX_MIN = 20;

/** Somebody comes to the screen; it says who. */
function callHelp() {
  show(help, { service: null });
  const shown = state.screen;
  const neverMind = callForHelp(store, (name) => shown.coming(name));
  const timer = setTimeout(() => ((shown.leave = null), restart()), HELP_MS); // the call stands, the screen is free again
  shown.leave = () => (clearTimeout(timer), neverMind());
}
const HELP_MS = 120_000;

/** The words of a language, and the page in it. @param {string} lang */
async function speak(lang) {
  await load(lang, ROOMS);
  turn((state.lang = lang));
  ticking();
}

/** Somebody chose a language; by now they may have gone on to another screen. Without a line to one never spoken here the page keeps its own. @param {string} lang */
async function choseLanguage(lang) {
  if (await speak(lang).then(() => false, () => true)) return;
  const here = app.dataset.screen;
  if (state.choosing && here !== "appointment") show(here === "confirm" ? confirm : here === "arrive" ? arrive : home());
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
  state.heard = true;
  awayLine();
  state.screen?.update?.(state);
}

/** What is going on while the server is away, and how many tickets wait to be sent. */
function awayLine() {
  const line = find(".kiosk-away");
  line.hidden = (state.live || !state.heard) && state.waiting === 0; // the first moment of a page is no trouble
  line.dataset.waiting = String(state.waiting);
  say(line, line.hidden ? "" : [state.live ? "" : t("kiosk.away"), state.waiting ? t("kiosk.waiting_to_go", { n: state.waiting }) : ""].filter(Boolean).join(" "));
}

function ticking() {
  say(find(".kiosk-clock"), clock.known() ? time(clock.now()) : "");
  say(find(".kiosk-store"), state.info.name || "");
}

/** What the store is called, offers and looks like; asked again now and then, for it may change while the kiosk runs. @returns {Promise<boolean>} whether there is such a store */
async function about() {
  try {
    state.info = (await get(`/api/v1/stores/${store}`)).body;
    state.info.id = store;
    useZone(state.info.zone);
    wear(store, state.info);
    state.view ??= state.info;
    setTimeout(about, ABOUT_MS);
  } catch (problem) {
    if (/** @type {Problem} */ (problem).status === 404) return false;
    setTimeout(about, AGAIN_MS);
  }
  return true;
}
const ABOUT_MS = 10 * 60_000;
const AGAIN_MS = 5000;

async function begin() {
  applyPrefs();
  turn(state.lang);
  await insist(() => load(state.lang, ROOMS)); // the first words may have to wait for the server: an unattended screen keeps trying
  clock.start();
  if (!(await about())) return say(find(".kiosk-main"), t("common.no_store"));
  joins.watch((waiting) => ((state.waiting = waiting), awayLine()));
  const interrupted = (await joins.restore(store)).filter((join) => !join.shown && !join.givenUp).pop();
  if (interrupted) deliver(interrupted, joins.PATIENCE_MS); // before there is anything to touch: nobody's screen changes under the finger
  else show(home());
  openView({ path: "/ws/board", hello: () => ({ store, screen: "kiosk" }), poll: `/api/v1/stores/${store}/views/kiosk`, onView, onStatus });
  watchIdle({ armed: () => !["choose", "closed", "ticket", "booked", "help"].includes(app.dataset.screen || "") || state.card || speech.speaking() || state.lang !== languages[0], reset: abandoned });
  keys.listen({ back: actions.back, voice: actions.voice, help: actions.help });
  speech.listen();
  slips.watch(() => store);
  clock.every(() => (ticking(), state.screen?.update?.(state)), 1000);
  keepForLater([`/api/v1/stores/${store}`, ...languages.map((language) => wordsOf(language, ROOMS))]);
}

begin();
