/**
 * One's appointment, opened by the token behind the #: when, the code, the calendar file, moving, cancelling, "I'm here".
 *
 * Hooks for tests (stable): #app[data-screen="booking|move|unknown"][data-state]; data-action="calendar|move|cancel|here|forget|back".
 */
import { command, get } from "../api.js";
import * as clock from "../clock.js";
import { ask, busy, fill, find, h, icon, say } from "../dom.js";
import { has, label, lang, load, t, time, turn, useZone } from "../i18n.js";
import { wear } from "../look.js";
import { apply, keep } from "../prefs.js";
import { gone, picker, slots, spoken } from "./picker.js";

const app = find("#app");
const main = find(".phone-main");
const token = location.hash.slice(1);
const query = new URLSearchParams(location.search);
/** @type {any} */
let mine = null;
let note = ["told", "booked"].find((one) => query.get(one)) ?? "";

/** The button that was pressed goes with the old screen: the keyboard goes on from the new one, unless nobody pressed anything. @param {string} screen @param {any[]} nodes @param {boolean} [pressed] */
function draw(screen, nodes, pressed = true) {
  app.dataset.screen = screen;
  app.dataset.state = mine?.state ?? "";
  fill(main, nodes);
  if (pressed) main.focus({ preventScroll: true });
}

/** @param {string} verb @param {HTMLElement} button @param {object} [body] */
const send = (verb, button, body = {}) => busy(button, async () => {
  try {
    return await command(`/api/v1/booking/${verb}`, body, { token });
  } catch (problem) {
    trouble(problem);
    return null;
  }
});

/** @param {any} problem */
function trouble(problem) {
  const line = find(".booking-trouble", main);
  line.hidden = false;
  say(line, has(`errors.${problem.code}`) ? t(`errors.${problem.code}`, problem.facts) : problem.message);
}

/** @param {string} action @param {string} look @param {(button: HTMLElement) => any} press @param {any} [picture] @param {string} [word] */
function button(action, look, press, picture = null, word = action) {
  const made = h("button", { class: `btn btn-wide ${look}`, type: "button", data: { action }, on: { click: () => press(made) } }, picture, t(`booking.${word}`));
  return made;
}

function show(pressed = true) {
  const over = mine.state === "cancelled";
  const early = clock.now() < Date.parse(mine.check_in_from);
  draw("booking", [
    note && h("p", { class: "notice notice-go", role: "status" }, icon("check"), h("span", null, note === "told" && `${t("booking.booked")} `, t(`booking.${note}`))),
    over && h("p", { class: "notice notice-warn", role: "status" }, t("booking.cancelled")),
    mine.state === "no_show" && h("p", { class: "notice notice-warn", role: "status" }, t("booking.missed")),
    h("section", { class: "paper ticket" },
      h("div", { class: "paper-top" }, h("p", { class: "paper-service" }, label(mine.labels, mine.service))),
      h("div", { class: "paper-rest" }, h("h1", { class: "booking-when" }, spoken(mine.at)), h("p", { class: "quiet" }, mine.store_name),
        !over && h("p", { class: "label" }, t("booking.code")), !over && h("p", { class: "booking-code" }, h("bdi", { dir: "ltr" }, mine.code)))),
    h("p", { class: "notice notice-stop booking-trouble", role: "alert", hidden: true }),
    mine.state === "here" && h("a", { class: "btn btn-main btn-big btn-wide", href: `/t/?lang=${lang()}#${mine.ticket_token}` }, icon("ticket"), t("booking.to_ticket")),
    (mine.state === "booked" || mine.state === "no_show") && open(early),
    over && button("calendar", "", calendar, icon("clock"), "calendar_over"),
    over && h("a", { class: "btn btn-main btn-wide", href: `/s/${mine.store}/book?lang=${lang()}` }, t("booking.again")),
  ], pressed);
}

/** What can be done with an appointment that stands. @param {boolean} early */
function open(early) {
  return h("div", { class: "stack" },
    early ? h("p", { class: "quiet small" }, t("booking.here_from", { at: time(mine.check_in_from) })) : button("here", "btn-main btn-big", here, icon("check")),
    h("p", { class: "quiet small" }, t("booking.late", { at: time(mine.late_at) })),
    button("calendar", "", calendar, icon("clock")),
    mine.moves_left > 0 && button("move", "", move),
    button("cancel", "btn-plain", cancel), button("forget", "btn-plain", forget),
    h("p", { class: "quiet small" }, t("booking.save")));
}

/** @param {HTMLElement} pressed */
async function here(pressed) {
  const made = await send("check-in", pressed, query.get("p") ? { presence: query.get("p") } : {});
  if (!made) return;
  keep("avous.ticket", JSON.stringify({ token: made.token, store: mine.store, number: made.number }));
  location.assign(`/t/?lang=${lang()}#${made.token}`);
}

/** The calendar file, fetched with the token: an address with the secret in it would be kept in histories. @param {HTMLElement} pressed */
async function calendar(pressed) {
  await busy(pressed, async () => {
    const file = await fetch("/api/v1/booking/calendar.ics", { headers: { Authorization: `Bearer ${token}` } });
    if (!file.ok) return trouble(await file.json());
    const link = /** @type {HTMLAnchorElement} */ (h("a", { href: URL.createObjectURL(await file.blob()), download: `${mine.code}.ics` }));
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  });
}

/** @param {HTMLElement} pressed */
const move = (pressed) => busy(pressed, () => pickTime());

/** @param {string} [warning] */
async function pickTime(warning = "") {
  const found = await slots(mine.store, mine.service).catch((problem) => (trouble(problem), null));
  if (!found) return;
  draw("move", [h("h1", { class: "join-title" }, t("booking.pick")), h("p", { class: "quiet" }, t("booking.moves_left", { n: mine.moves_left })),
    warning && h("p", { class: "notice notice-warn", role: "alert" }, warning), h("p", { class: "notice notice-stop booking-trouble", role: "alert", hidden: true }),
    picker(found.slots, (at) => void moveTo(at)), button("back", "", () => show(), null, "keep")]);
}

/** @param {string} at */
async function moveTo(at) {
  await busy(find(`[data-at="${at}"]`, main), async () => {
    try {
      [mine, note] = [await command("/api/v1/booking/move", { at }, { token }), "moved"];
      show();
    } catch (problem) {
      await (gone(problem) ? pickTime(t("booking.taken")) : trouble(problem));
    }
  });
}

/** @param {HTMLElement} pressed */
async function cancel(pressed) {
  if ((await ask(/** @type {HTMLDialogElement} */ (find("#sure")))) !== "yes") return;
  const done = await send("cancel", pressed);
  if (done) [mine, note] = [done, ""];
  if (done) show();
}

/** @param {HTMLElement} pressed */
async function forget(pressed) {
  const done = await send("forget", pressed);
  if (done) [mine, note] = [done, "forgotten"];
  if (done) show();
}

apply();
const asked = document.documentElement.lang;
await load(asked, ["booking", "errors"]);
void clock.start();
try {
  mine = (await get("/api/v1/booking", { token })).body;
  useZone(mine.zone);
  if (!query.get("lang") && mine.language !== asked) {
    turn(mine.language);
    await load(mine.language, ["booking", "errors"]);
  }
  show(false);
  clock.every(() => app.dataset.screen === "booking" && [document.body, main].includes(/** @type {HTMLElement} */ (document.activeElement)) && show(false), 30_000);
  wear(mine.store, (await get(`/api/v1/stores/${mine.store}`)).body);
} catch (problem) {
  draw("unknown", [h("h1", { class: "join-title" }, t("booking.yours")), h("p", { class: "notice notice-plain" }, /** @type {any} */ (problem).status === 0 ? /** @type {any} */ (problem).message : t("booking.unknown"))]);
}
