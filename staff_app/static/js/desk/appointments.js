// The appointments of a day, for managers: who is expected, who is here, who did not come; and the page where one books.
//
// Hooks for tests (stable): #app[data-screen="appointments"]; tr[data-appointment][data-state]; data-action="cancel" + data-id (asks first), "before|after"; input[name=day].

import { command } from "/static/web/js/api.js";
import { sure } from "/static/web/js/question.js";
import { get, h, language, now, redrawn, t } from "../shared.js";
import { deskPath, runs } from "../session.js";
import { hour, serviceName } from "../words.js";
import { openDesk, told } from "./page.js";

const DAY_MS = 86_400_000;
const LOOKS = /** @type {Record<string, string>} */ ({ expected: "", late: "chip-warn", here: "chip-go", no_show: "chip-stop", cancelled: "" });

/** @param {import("./page.js").Desk} desk */
function begin(desk) {
  const shown = h("div", { class: "panel stack" });
  const input = /** @type {HTMLInputElement} */ (h("input", { type: "date", name: "day", value: new Date(now() * 1000).toISOString().slice(0, 10) }));
  const draw = () => told(async () => {
    const found = (await get(`${desk.base}/appointments?day=${input.value}`)).body;
    redrawn(shown, () => shown.replaceChildren(...table(found, desk)), "[role=region]");
  });
  const step = (/** @type {number} */ days) => {
    input.value = new Date(Date.parse(input.value) + days * DAY_MS).toISOString().slice(0, 10);
    void draw();
  };
  const side = (/** @type {string} */ action, /** @type {number} */ days) => {
    const button = h("button", { type: "button", class: "btn", "data-action": action, "aria-label": t(`desk.${action}`) }, days < 0 ? "◀" : "▶");
    button.addEventListener("click", () => step(days));
    return button;
  };
  input.addEventListener("change", () => void draw());
  desk.root.replaceChildren(
    h("div", { class: "desk-days" }, side("before", -1), h("label", { class: "desk-day" }, h("span", { class: "unseen" }, t("desk.day")), input), side("after", 1)), shown,
    desk.store.bookable.length > 0
      ? h("p", {}, h("a", { class: "btn", href: `/s/${desk.session.store}/book` }, t("desk.book_for")))
      : h("p", { class: "notice notice-plain" }, h("span", {}, t("desk.not_bookable"), " "), runs(desk.session) && h("a", { href: deskPath("/manager/settings#appointments") }, t("manager.settings"))));
  desk.root.addEventListener("click", (event) => {
    const button = /** @type {HTMLElement|null} */ (/** @type {HTMLElement} */ (event.target).closest("[data-action=cancel]"));
    if (button) void cancelled(button, desk).then((done) => done && draw());
  });
  void draw();
}

/** Cancel one, once asked whether that is meant: the place is given away at once. @param {HTMLElement} button @param {import("./page.js").Desk} desk */
async function cancelled(button, desk) {
  const { id = "", time = "", who = "" } = button.dataset;
  const meant = await sure({ title: t("desk.cancel_title", { time }), text: `${who}. ${t("desk.cancel_text")}`, yes: t("desk.cancel_yes"), no: t("desk.cancel_no") });
  if (meant) await told(() => command(`${desk.base}/manager/appointments/${id}/cancel`, {}));
  return meant;
}

/** @param {any[]} found @param {import("./page.js").Desk} desk */
function table(found, desk) {
  const counted = (/** @type {string} */ state) => found.filter((one) => one.state === state).length;
  const words = ["expected", "late", "here", "no_show", "cancelled"].filter(counted).map((state) => `${t(`desk.state_${state}`)}\u00a0${counted(state)}`);
  if (found.length === 0) return [h("p", { class: "quiet" }, t("desk.no_appointments"))];
  return [h("p", { class: "lead" }, words.join(" · ")),
    h("div", { class: "desk-scroll", tabindex: "0", role: "region", "aria-label": t("desk.appointments") }, h("table", { class: "table" },
      h("thead", {}, h("tr", {}, ...["time", "state", "who", "service", "code", "act"].map((name) => h("th", { scope: "col" }, name === "act" ? h("span", { class: "unseen" }, t("desk.act")) : t(`desk.${name}`))))),
      h("tbody", {}, ...found.map((one) => row(one, desk)))))];
}

/** @param {any} one @param {import("./page.js").Desk} desk */
function row(one, desk) {
  const open = one.state === "expected" || one.state === "late";
  const cancel = open && runs(desk.session) && h("button", { type: "button", class: "btn btn-stop", "data-action": "cancel", "data-id": one.id, "data-time": hour(one.at),
    "data-who": [one.name, serviceName(desk.store, one.service)].filter(Boolean).join(", ") }, t("desk.cancel"));
  return h("tr", { "data-appointment": one.id, "data-state": one.state },
    h("td", { class: "figures" }, hour(one.at)), h("td", {}, h("span", { class: `chip ${LOOKS[one.state]}` }, t(`desk.state_${one.state}`)), one.number && ` ${one.number}`),
    h("td", {}, one.name || "–", one.companions > 0 && ` +${one.companions}`, one.language !== language() && h("span", { class: "small quiet" }, ` ${one.language}`)),
    h("td", {}, serviceName(desk.store, one.service)), h("td", {}, h("code", {}, one.code)), h("td", {}, cancel));
}

void openDesk("appointments", begin);
