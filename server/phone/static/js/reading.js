/**
 * Something to read or play, chosen for the time that is left: nothing longer than the wait is started, what is on
 * topic and new comes first, and whatever is open closes by itself when the call comes. It never stands between the
 * shopper and the ticket. Loaded after the first view is on screen.
 */
import { get, insist } from "/static/web/js/api.js";
import { fill, find, grow, h, icon, say, toast } from "/static/web/js/dom.js";
import { lang, number, t } from "/static/web/js/i18n.js";
import { needs } from "./needs.js";
import { minutesFree } from "./words.js";

const SHOWN_MAX = 6;
const SHEET = "/static/phone/css/reading.css";

const PREPARED = "needs"; // not an item of the library: the form that prepares the visit, always offered first
/** What is played, watched or answered, each from its own module, when it is opened. @type {Record<string, (item: any, about: About) => Promise<HTMLElement>>} */
const PLAYS = {
  pairs: () => import("./pairs.js").then((m) => m.pairs()),
  lamps: () => import("./lamps.js").then((m) => m.lamps()),
  order: (item) => import("./order.js").then((m) => m.order(item.order, item.language)),
  quiz: (item) => import("./quiz.js").then((m) => m.quiz(item.quiz, item.language)),
  poll: (item, about) => import("./poll.js").then((m) => m.poll(item, about)),
  video: (item, about) => import("./video.js").then((m) => m.video(item, about)),
};
/** @typedef {{store: string, actions: any, seen: Set<string>}} About */

/** @param {{store: string, service: string, actions: any, token: string}} options */
export async function reading({ store, service, actions, token }) {
  await insist(dress);
  const section = find(".phone-reading");
  const dialog = /** @type {HTMLDialogElement} */ (h("dialog", { class: "sheet reader", "aria-labelledby": "reader-title" }));
  document.body.append(dialog);
  const form = { id: PREPARED, kind: "needs", minutes: 0.5, title: t("phone.needs.title"), summary: t("phone.needs.summary"), body: [], token };
  const items = [form, ...(await insist(() => fetchItems(store, service)))];
  const list = h("ul", { class: "reading-list" });
  const more = h("button", { class: "btn btn-wide", type: "button", hidden: true, data: { action: "all" }, on: { click: () => all() } }, icon("plus"), t("phone.reading.all"));
  const none = h("p", { class: "quiet small" }, t("phone.reading.none"));
  fill(section, h("h2", { id: "reading-title" }, t("phone.reading.title")), h("p", { class: "quiet small" }, t("phone.reading.fits")), list, none, more, h("p", { class: "quiet small reading-consent" }, icon("info"), h("span", null, t("phone.reading.consent"))));
  let most = SHOWN_MAX;
  let drawn = "";
  /** @type {any} */
  let now = null;
  /** @type {Set<string>} a view tells the last few only */
  const had = new Set();
  const about = { store, actions, seen: had };
  dialog.addEventListener("close", () => dialog.querySelectorAll("video").forEach((film) => film.pause()));

  /** @param {any} view */
  const update = (view) => {
    now = view;
    view.seen.forEach((/** @type {string} */ id) => had.add(id));
    section.hidden = !["waiting", "away"].includes(view.phase) || items.length === 0;
    if (view.phase !== "waiting" && view.phase !== "away" && dialog.open) dialog.close();
    const seen = finished(had);
    const ranked = fitting(items, view, seen);
    const shown = some(ranked, seen, most);
    more.hidden = shown.length === ranked.length;
    const signature = shown.map((i) => i.id).join() + [...seen].join();
    none.hidden = shown.length > 0;
    if (signature === drawn) return;
    drawn = signature;
    fill(list, shown.map((item) => h("li", null, cardOf(item, seen.has(item.id), () => open(dialog, item, about, () => !section.hidden)))));
  };
  const all = () => {
    const next = list.childElementCount;
    most = Infinity;
    update(now);
    /** @type {HTMLElement|null} */ (list.children[next]?.querySelector("button"))?.focus();
  };
  return { update };
}

/** What is offered of these items now. @param {any[]} items @param {any} view @param {Set<string>} seen @returns {any[]} */
export function choose(items, view, seen) {
  return some(fitting(items, view, seen), seen, SHOWN_MAX);
}

/** What fits, unseen before seen; away without a range, everything fits. @param {any[]} items @param {any} view @param {Set<string>} seen @returns {any[]} */
function fitting(items, view, seen) {
  const free = view.range ? minutesFree(view) : Infinity;
  return items.filter((i) => i.minutes <= free).sort((a, b) => Number(seen.has(a.id)) - Number(seen.has(b.id)));
}

/**
 * Of more than are shown, the last two are something new to play and something new to answer: who waits long is not given six things to read.
 * @param {any[]} ranked @param {Set<string>} seen @param {number} most @returns {any[]}
 */
function some(ranked, seen, most) {
  if (ranked.length <= most) return ranked;
  const first = (/** @type {string[]} */ kinds) => ranked.find((i) => kinds.includes(i.kind) && !seen.has(i.id));
  const other = [first(["game"]), first(["quiz", "poll", "video"])].filter(Boolean);
  return [...ranked.filter((i) => !other.includes(i)).slice(0, most - other.length), ...other];
}

/** The items this ticket has finished: "cables", and "sort:2" is an answer to the poll "sort"; "cables:open" was only opened. @param {Set<string>} had @returns {Set<string>} */
function finished(had) {
  return new Set([...had].filter((/** @type {string} */ id) => !id.endsWith(OPENED)).map((/** @type {string} */ id) => id.split(":")[0]));
}
const OPENED = ":open";

/** @param {string} store @param {string} service @returns {Promise<any[]>} */
async function fetchItems(store, service) {
  const asked = get(`/api/v1/stores/${store}/content?language=${lang()}&service=${encodeURIComponent(service)}`);
  const { body } = await asked.catch((problem) => {
    if (problem.code === "offline") throw problem; // asked again
    return { body: [] }; // reading is a kindness: without it the page is whole
  });
  return body;
}

/** The style of all this. @returns {Promise<any>} */
function dress() {
  const sheet = h("link", { rel: "stylesheet", href: SHEET });
  document.head.append(sheet);
  return new Promise((resolve, reject) => ((sheet.onload = resolve), (sheet.onerror = () => (sheet.remove(), reject(new Error(SHEET))))));
}

/** @param {any} item @param {boolean} seen @param {() => void} run */
function cardOf(item, seen, run) {
  const tag = h("span", { class: `chip ${seen ? "chip-go" : ""}` }, icon(seen ? "check" : item.kind), seen ? t("phone.reading.read") : t(`phone.reading.kind.${item.kind}`));
  const length = h("span", { class: "tiny quiet" }, item.minutes < 1 ? t("phone.reading.seconds", { n: 60 * item.minutes }) : t("phone.reading.minutes", { n: number(item.minutes) }));
  return h("button", { class: "item card", type: "button", on: { click: run } }, h("span", { class: "row" }, tag, length), h("b", { class: "item-title", lang: item.language, dir: "auto" }, item.title), h("span", { class: "small quiet", lang: item.language, dir: "auto" }, item.summary));
}

/** @param {HTMLDialogElement} dialog @param {any} item @param {About} about @param {() => boolean} fits whether it is still the time for it */
async function open(dialog, item, about, fits) {
  const { actions, seen } = about;
  const close = () => dialog.close();
  const finish = () => (actions.content(item.id), close());
  const form = item.kind === "needs" ? needs(item.token, () => undefined) : null;
  const play = PLAYS[item.game || item.kind];
  const played = play && (await play(item, about).catch(() => null));
  if (play && !played) return void toast(t("phone.no_line"));
  if (!fits()) return; // called meanwhile
  const done = form || item.kind === "poll" ? null : h("button", { class: `btn btn-wide ${play ? "" : "btn-main"}`, type: "button", on: { click: finish } }, icon("check"), t("phone.reading.done"));
  fill(dialog,
    h("div", { class: "reader-head" }, h("span", { class: "chip" }, icon(item.kind), t(`phone.reading.kind.${item.kind}`)), h("button", { class: "btn reader-close", type: "button", "aria-label": t("common.close"), on: { click: close } }, icon("close"))),
    h("h2", { id: "reader-title", tabindex: "-1", lang: item.language, dir: "auto" }, item.title), drawing(item), h("div", { class: "prose", lang: item.language, dir: "auto" }, item.body.map(grow)), form ?? played, done);
  if (!form && ![...seen].some((/** @type {string} */ id) => id.split(":")[0] === item.id)) actions.content(item.id + OPENED);
  dialog.showModal();
  dialog.scrollTop = 0;
  find("#reader-title", dialog).focus();
  say(find(".phone-announce"), "");
}

/** @param {any} item */
function drawing(item) {
  return item.drawing ? h("img", { class: "drawing", src: `/static/content/drawings/${item.drawing}.svg`, alt: "" }) : null;
}
