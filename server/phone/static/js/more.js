/** Less frequent wishes, loaded when asked for: another service, being told when the page is closed, being forgotten. */
import { command, get } from "/static/web/js/api.js";
import { fill, find, h, icon, toast } from "/static/web/js/dom.js";
import { now } from "/static/web/js/clock.js";
import { has, lang, t, time } from "/static/web/js/i18n.js";
import { rangeWords } from "/static/web/js/parts.js";

/** @typedef {{token: string, view: any, info: any, actions: any, labelOf: (service: string) => string}} About */

/** @param {About} about */
export async function openMore(about) {
  const dialog = /** @type {HTMLDialogElement} */ (find("dialog.sheet"));
  const offered = await get("/api/v1/ticket/reach", { token: about.token }).then(({ body }) => body).catch(() => ({}));
  fill(dialog, h("div", { class: "stack" }, h("h2", { id: "sheet-title" }, t("phone.more.title")),
    push(dialog, about, offered.push_key), address(dialog, about, offered), another(dialog, about),
    h("button", { class: "btn btn-wide", type: "button", data: { action: "save" }, on: { click: () => save(about).catch(() => toast(t("phone.no_line"))) } }, icon("ticket"), t("phone.more.save")),
    h("button", { class: "btn btn-plain btn-wide", type: "button", data: { action: "forget" }, on: { click: () => forget(dialog, about) } }, t("phone.more.forget")),
    h("button", { class: "btn btn-main btn-big btn-wide", type: "button", data: { action: "more-close" }, on: { click: () => dialog.close() } }, t("common.close"))));
  dialog.showModal();
}

/** Another service, with the number kept. @param {HTMLDialogElement} dialog @param {About} about */
function another(dialog, { view, info, actions, labelOf }) {
  const others = (info.services || []).filter((/** @type {any} */ s) => s.id !== view.service);
  if (!others.length || view.phase !== "waiting") return null;
  const go = (/** @type {string} */ service) => (dialog.close(), actions.service(service));
  return h("section", { class: "stack" }, h("h3", null, t("phone.more.service")), h("p", { class: "quiet small" }, t("phone.more.service_why")),
    others.map((/** @type {any} */ s) => h("button", { class: "btn btn-wide", type: "button", data: { action: "to-service", service: s.id }, on: { click: () => go(s.id) } }, icon("swap"), labelOf(s.id))));
}

/** A notification when the page is closed. @param {HTMLDialogElement} dialog @param {About} about @param {string|null} key */
function push(dialog, about, key) {
  if (!key || !("PushManager" in window) || !("serviceWorker" in navigator)) return null;
  return h("button", { class: "btn btn-wide", type: "button", data: { action: "push" }, on: { click: () => subscribe(key, about).then((ok) => done(dialog, ok ? "phone.more.push_on" : "phone.more.push_no")) } }, icon("bell"), t("phone.more.push"));
}

/** @param {string} key @param {About} about @returns {Promise<boolean>} */
async function subscribe(key, { token }) {
  if ((await Notification.requestPermission()) !== "granted") return false;
  await navigator.serviceWorker.register("/sw.js");
  const registration = await navigator.serviceWorker.ready;
  const subscription = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  const { endpoint, keys } = subscription.toJSON();
  return command("/api/v1/ticket/reach", { push: { endpoint, keys } }, { token }).then(() => true, () => false);
}

/** @param {HTMLDialogElement} dialog @param {About} about @param {{sms?: boolean, mail?: boolean}} offered */
function address(dialog, { token }, { sms, mail }) {
  if (!sms && !mail) return null;
  const input = /** @type {HTMLInputElement} */ (h("input", { type: mail ? "text" : "tel", inputmode: mail ? "email" : "tel", maxlength: 80, autocomplete: mail && !sms ? "email" : "tel", name: "address" }));
  const keep = () => command("/api/v1/ticket/reach", { address: input.value.trim() }, { token }).then(() => done(dialog, "phone.more.address_kept"), (problem) => toast(has(`errors.${problem.code}`) ? t("phone.more.address_wrong") : t("phone.refused")));
  return h("form", { class: "stack", on: { submit: (/** @type {Event} */ e) => (e.preventDefault(), keep()) } },
    h("label", { class: "field" }, h("span", null, t(`phone.more.address_${sms ? (mail ? "both" : "sms") : "mail"}`)), input, h("small", null, t("phone.more.address_why"))),
    h("button", { class: "btn btn-wide", data: { action: "address" } }, icon("check"), t("phone.more.address_keep")));
}

/** The ticket as a file: the kiosk's slip, for who joined by phone. @param {About} about */
async function save({ view, info, labelOf }) {
  const slip = { store: info.name || "", language: lang(), number: view.number, service: labelOf(view.service), wait: view.range ? rangeWords(view.range) : "", at: time(now()), url: location.href, lines: [] };
  const answer = await fetch(`/api/v1/stores/${view.store}/slip.pdf`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(slip) });
  if (!answer.ok) throw new Error(`slip: ${answer.status}`);
  const address = URL.createObjectURL(await answer.blob());
  h("a", { href: address, download: `${view.number}.pdf` }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** @param {HTMLDialogElement} dialog @param {About} about */
async function forget(dialog, { token }) {
  const ok = await command("/api/v1/ticket/forget", {}, { token }).then(() => true, () => false);
  done(dialog, ok ? "phone.more.forgotten" : "phone.refused");
}

/** @param {HTMLDialogElement} dialog @param {string} key */
function done(dialog, key) {
  dialog.close();
  toast(t(key));
}
