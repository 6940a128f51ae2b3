// API keys and webhooks: what a retailer's own programs get.
//
// Hooks for tests (stable): #app[data-screen="links"]; form[data-form="key|hook"]; li[data-key-id], li[data-hook][data-state="well|trouble|paused"];
//   [data-secret]; data-action="revoke|test|replay|pause|resume|drop"; revoke and drop ask first.

import { command } from "/static/web/js/api.js";
import { sure } from "/static/web/js/question.js";
import { get, h, icon, t } from "../shared.js";
import { runs } from "../session.js";
import { openDesk, told } from "./page.js";

const SCOPES = ["floor", "reports", "events", "appointments", "tickets"];
const KINDS = ["ticket.issued", "ticket.called", "ticket.answered", "ticket.unanswered", "ticket.undone", "promise.broken", "alarm.raised", "alarm.over"];

/** @param {import("./page.js").Desk} desk */
function begin(desk) {
  const manager = `${desk.base}/manager`;
  const may = runs(desk.session);
  const keys = h("div", { class: "stack" });
  const hooks = h("div", { class: "stack" });
  const draw = async () => {
    const [allKeys, allHooks] = await Promise.all([get(`${manager}/keys`), get(`${manager}/hooks`)]);
    keys.replaceChildren(list(allKeys.body.map((/** @type {any} */ key) => keyRow(key, may)), "desk.no_keys"));
    hooks.replaceChildren(list(allHooks.body.map((/** @type {any} */ hook) => hookRow(hook, may)), "desk.no_hooks"));
  };
  /** @param {string} path @param {object} body */
  const send = (path, body = {}) => told(async () => {
    const answer = await command(`${manager}/${path}`, body);
    await draw();
    return answer;
  });
  desk.root.replaceChildren(
    h("section", { class: "panel stack", "aria-labelledby": "keys" }, h("h2", { id: "keys" }, t("desk.keys")), h("p", { class: "quiet" }, t("desk.keys_about")), keys, may && keyForm(send)),
    h("section", { class: "panel stack", "aria-labelledby": "hooks" }, h("h2", { id: "hooks" }, t("desk.hooks")), h("p", { class: "quiet" }, t("desk.hooks_about")), hooks, may && hookForm(send)));
  desk.root.addEventListener("click", (event) => {
    const button = /** @type {HTMLElement|null} */ (/** @type {HTMLElement} */ (event.target).closest("[data-action]"));
    if (button) void press(button, send);
  });
  void told(draw);
}

/** @typedef {(path: string, body?: object) => Promise<any>} Send */

/** @param {HTMLElement} button @param {Send} send */
async function press(button, send) {
  const { action = "", id = "", name = "" } = button.dataset;
  if (["revoke", "drop"].includes(action) && !(await sure({ title: t(`desk.${action}_title`, { name }), text: t(`desk.${action}_text`), yes: t(`desk.${action}`), no: t("desk.keep_it") }))) return;
  button.setAttribute("aria-busy", "true");
  if (action === "revoke") await send("keys/revoke", { key: id });
  if (["pause", "resume", "drop"].includes(action)) await send(`hooks/${id}/${action}`);
  if (action === "replay") await send(`hooks/${id}/replay`, { after: Number(/** @type {HTMLInputElement} */ (button.parentElement?.querySelector("input")).value) });
  if (action === "test") {
    const done = await send(`hooks/${id}/test`);
    const line = document.querySelector(`[data-hook="${id}"] [role=status]`);
    line?.replaceChildren(done ? (done.trouble ? t("desk.test_failed", { why: t(`desk.trouble_${done.trouble}`), status: done.status || "–" }) : t("desk.test_taken", { status: done.status })) : "");
  }
  button.removeAttribute("aria-busy");
}

/** @param {any[]} rows @param {string} empty */
const list = (rows, empty) => (rows.length === 0 ? h("p", { class: "quiet" }, t(empty)) : h("ul", { class: "desk-list" }, ...rows));

/** @param {string} action @param {string} id @param {string} [look] @param {string} [name] what it is done to, for the question before it */
const act = (action, id, look = "", name = "") => h("button", { type: "button", class: `btn ${look}`, "data-action": action, "data-id": id, "data-name": name }, t(`desk.${action}`));

/** @param {string|null} at */
const day = (at) => (at ? new Date(at).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short", hourCycle: "h23" }) : t("desk.never"));

/** @param {any} key @param {boolean} may */
function keyRow(key, may) {
  return h("li", { class: "desk-row", "data-key-id": key.id },
    h("div", { class: "desk-what" }, h("b", {}, key.name), " ", h("code", {}, `${key.shown}…`),
      h("p", { class: "small quiet" }, key.scopes.map((/** @type {string} */ scope) => t(`desk.scope_${scope}`)).join(" · ")),
      h("p", { class: "small quiet" }, t("desk.used", { at: day(key.used_at) }))),
    key.revoked_at ? h("span", { class: "chip" }, t("desk.revoked")) : may && act("revoke", key.id, "btn-stop", key.name));
}

/** @param {any} hook @param {boolean} may */
function hookRow(hook, may) {
  const state = hook.paused ? "paused" : hook.trouble ? "trouble" : "well";
  const looks = { paused: "chip-warn", trouble: "chip-stop", well: "chip-go" };
  return h("li", { class: "desk-row desk-hook", "data-hook": hook.id, "data-state": state },
    h("div", { class: "desk-what" }, h("code", { class: "desk-url" }, hook.url), " ", h("span", { class: `chip ${looks[state]}` }, t(`desk.hook_${state}`)),
      hook.trouble && h("p", { class: "small" }, t("desk.trying", { n: hook.tries, why: t(`desk.trouble_${hook.trouble}`) })),
      h("p", { class: "small quiet" }, hook.kinds.map((/** @type {string} */ kind) => t(`desk.kind_${kind.replace(".", "_")}`)).join(" · ")),
      h("p", { class: "small quiet" }, t("desk.taken", { n: hook.after, at: day(hook.taken_at) })), h("p", { class: "small", role: "status" })),
    may && h("div", { class: "desk-acts" }, act("test", hook.id), act(hook.paused ? "resume" : "pause", hook.id), act("drop", hook.id, "btn-stop", hook.url),
      h("span", { class: "desk-replay" }, h("label", { class: "field small" }, t("desk.replay_from"), h("input", { type: "number", min: 0, value: Math.max(0, hook.after - 10) })), act("replay", hook.id))));
}

/** @param {string} name @param {string[]} all @param {(one: string) => string} word @param {string[]} chosen */
const ticks = (name, all, word, chosen) => h("fieldset", { class: "fields desk-ticks" }, h("legend", {}, t(`desk.${name}`)),
  ...all.map((one) => h("label", {}, h("input", { type: "checkbox", name, value: one, checked: chosen.includes(one) }), " ", word(one))));

/** A secret is shown once, to be taken away now. @param {HTMLElement} place @param {string} text @param {string} about */
const secret = (place, text, about) => place.replaceChildren(h("div", { class: "notice notice-go" }, icon("info"), h("div", {}, h("p", {}, t(about)), h("code", { class: "desk-secret", "data-secret": text, tabindex: "0" }, text))));

/** @param {Send} send */
function keyForm(send) {
  const place = h("div", { role: "status" });
  return form("key", [h("label", { class: "field" }, h("span", {}, t("desk.key_name")), h("input", { name: "name", required: true, maxlength: 40 })),
    ticks("scopes", SCOPES, (one) => t(`desk.scope_${one}`), ["reports"]), h("button", { class: "btn btn-main", type: "submit" }, t("desk.new_key")), place],
  async (given) => {
    const made = await send("keys", { name: given.get("name"), scopes: given.getAll("scopes") });
    if (made) secret(place, made.key, "desk.key_once");
  });
}

/** @param {Send} send */
function hookForm(send) {
  const place = h("div", { role: "status" });
  return form("hook", [h("label", { class: "field" }, h("span", {}, t("desk.hook_url")), h("input", { name: "url", type: "url", required: true, maxlength: 500, placeholder: "https://" })),
    ticks("kinds", KINDS, (one) => t(`desk.kind_${one.replace(".", "_")}`), KINDS), h("button", { class: "btn btn-main", type: "submit" }, t("desk.new_hook")), place],
  async (given) => {
    const made = await send("hooks", { url: given.get("url"), kinds: given.getAll("kinds") });
    if (made) secret(place, made.secret, "desk.secret_once");
  });
}

/** @param {string} name @param {any[]} children @param {(given: FormData) => Promise<void>} submit */
function form(name, children, submit) {
  const made = /** @type {HTMLFormElement} */ (h("form", { class: "stack desk-form", "data-form": name }, ...children));
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    void submit(new FormData(made));
  });
  return made;
}

void openDesk("links", begin);
