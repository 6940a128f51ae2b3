// The manager's list of devices and people: make a code, revoke a device, set a PIN, end sessions.

import { fill, find, h, say } from "../dom.js";
import { load, t, time } from "../i18n.js";
import { sure } from "../question.js";
import { call, told } from "./call.js";

const KINDS = ["staff", "kiosk", "board", "printer"];
/** @typedef {{id: string, profile: string, name: string, revoked_at: string|null}} Device */
/** @typedef {{id: string, name: string, role: string, has_pin: boolean, sessions: number}} Colleague */

await load(document.documentElement.lang, ["access"]);
const session = await call("GET", "/api/v1/session").catch(() => null);
const store = new URLSearchParams(location.search).get("store") ?? session?.store;
const manager = session && `/api/v1/stores/${store}/manager`;
find("main a[href='/manager']").setAttribute("href", `/manager${location.search}`);

async function draw() {
  const found = await call("GET", `${manager}/access`);
  const card = (/** @type {string} */ title, /** @type {any[]} */ ...parts) => h("section", { class: "access-card stack", "aria-labelledby": title }, h("h2", { id: title }, t(`access.${title}`)), ...parts);
  fill(find("#app"), card("devices", codeForm(), devices(found.devices)), card("team", h("p", { class: "small quiet" }, t("access.team_how"), " ", h("a", { href: `/manager/settings${location.search}#people` }, t("access.to_people"))), team(found.people)));
}

/** Do it, draw the lists again, say so. @param {string} path @param {object} body */
const act = (path, body) => void told(async () => {
  await call("POST", `${manager}/${path}`, body);
  await draw();
  say(find("#done"), t("access.done"));
});

function codeForm() {
  const form = /** @type {HTMLFormElement} */ (h("form", { class: "access-form", "data-form": "code" },
    h("label", { class: "field" }, h("span", {}, t("access.kind")),
      h("select", { name: "profile" }, ...KINDS.map((kind) => h("option", { value: kind }, t(`access.kind_${kind}`))))),
    h("label", { class: "field" }, h("span", {}, t("access.name")), h("input", { name: "name", required: true, maxlength: 40 })),
    h("button", { class: "btn", type: "submit" }, t("access.new_code")), h("div", { role: "status" })));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void told(async () => {
      const made = await call("POST", `${manager}/codes`, Object.fromEntries(new FormData(form)));
      fill(find("[role=status]", form), h("p", {}, t("access.code_is", { url: made.url })), h("p", { class: "figures access-code", "data-code": made.code }, made.code),
        h("p", { class: "small quiet" }, t("access.until", { time: time(made.expires_at) })));
    });
  });
  return form;
}

/** @param {Device[]} found */
function devices(found) {
  if (found.length === 0) return h("p", { class: "quiet" }, t("access.no_devices"));
  return h("ul", { class: "access-list" }, ...found.map((device) => h("li", { "data-device": device.id },
    h("span", { class: "access-who" }, h("b", {}, device.name), h("span", { class: "small quiet" }, t(`access.kind_${device.profile}`))),
    device.revoked_at ? h("span", { class: "chip" }, t("access.revoked"))
      : button("revoke", () => void revoked(device)))));
}

/** A device goes dark at once, perhaps with somebody in front of it. @param {Device} device */
async function revoked({ id, name }) {
  if (await sure({ title: t("access.revoke_title", { name }), text: t("access.revoke_text"), yes: t("access.revoke"), no: t("access.keep") })) act("devices/revoke", { device: id });
}

/** @param {Colleague[]} people */
function team(people) {
  return h("ul", { class: "access-list" }, ...people.map((person) => {
    const pin = h("input", { class: "entry", name: "pin", type: "password", inputmode: "numeric", pattern: "[0-9]{4,8}", required: true, autocomplete: "new-password",
      "aria-label": `${t("access.set_pin")}, ${person.name}` });
    const form = /** @type {HTMLFormElement} */ (h("form", { class: "access-pin" }, pin, h("button", { class: "btn", type: "submit" }, t("access.set_pin"))));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      act("pins", { salesperson: person.id, ...Object.fromEntries(new FormData(form)) });
    });
    return h("li", { "data-person": person.id },
      h("span", { class: "access-who" }, h("b", {}, person.name), h("span", { class: "small quiet" }, t(`access.role_${person.role}`)),
        !person.has_pin && h("span", { class: "chip chip-warn" }, t("access.no_pin")), person.sessions > 0 && h("span", { class: "chip chip-go" }, t("access.signed_in"))), form,
      person.sessions > 0 && button("end", () => act("sessions/end", { salesperson: person.id })));
  }));
}

/** @param {string} word @param {() => void} press */
const button = (word, press) => h("button", { class: "btn btn-stop", type: "button", on: { click: press } }, t(`access.${word}`));

/** Whoever runs several stores sees whose devices and people these are, before the lists. */
async function open() {
  say(find("#store-name"), (await call("GET", `/api/v1/stores/${store}`)).name);
  await draw();
}

if (["manager", "region", "admin"].includes(session?.role)) await told(open);
else say(find("#problem"), t("access.sign_in_first"));
