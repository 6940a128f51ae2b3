// A code is typed: it lets a store's first manager in, or makes this browser one of the store's devices.

import { fill, find, h } from "../dom.js";
import { load, t } from "../i18n.js";
import { call, told } from "./call.js";

/** @typedef {{store: string, store_name: string, profile: string, name: string, people: {id: string, name: string}[]}} CodeFor */

await load(document.documentElement.lang, ["access"]);
const form = /** @type {HTMLFormElement} */ (find("#code-form"));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  const code = String(new FormData(form).get("code"));
  void told(async () => {
    const found = await call("POST", "/api/v1/codes", { code });
    if (found.profile === "setup") askForPin(code, found);
    else if (found.profile === "found") foundStore(code);
    else await enrol(code, found);
  });
});

/** The code has been typed: what asked for it goes, what comes next is there, ready to be typed into. @param {(Node|string|false|null|undefined)[]} what */
function goOn(...what) {
  form.hidden = true;
  find(".lead").hidden = true;
  fill(find("#next"), ...what);
  /** @type {HTMLElement|null} */ (find("#next").querySelector("input, select, a"))?.focus();
}

/** @param {string} code @param {CodeFor} found */
async function enrol(code, found) {
  const device = await call("POST", "/api/v1/device", { code });
  const faces = { kiosk: [`/s/${found.store}/kiosk`, "access.to_kiosk"], board: [`/s/${found.store}/board`, "access.to_board"], staff: ["/staff", "access.to_staff"] };
  const [href, label] = faces[/** @type {keyof typeof faces} */ (device.profile)] ?? ["", ""];
  goOn(h("p", { role: "status" }, t("access.enrolled", { name: device.name })),
    device.token && h("p", {}, t("access.token")), device.token && h("code", {}, device.token),
    href && h("a", { class: "btn btn-main", href }, t(label)));
}

/** An empty server: the first store, and who runs it. @param {string} code */
function foundStore(code) {
  const text = (/** @type {string} */ name, /** @type {Record<string, any>} */ props = {}) => h("label", { class: "field" }, h("span", {}, t(`access.${name}`)), h("input", { required: true, maxlength: 40, autocomplete: "off", ...props }));
  const wizard = /** @type {HTMLFormElement} */ (h("form", { class: "stack" }, h("h2", {}, t("access.found")), h("p", {}, t("access.found_text")),
    text("store_name", { name: "store_name", maxlength: 80 }), text("first_service", { name: "service", value: t("access.first_service_is") }), text("your_name", { name: "name" }),
    text("pin", { name: "pin", type: "password", inputmode: "numeric", pattern: "[0-9]{6,8}", title: t("access.pin"), autocomplete: "new-password" }),
    h("button", { class: "btn btn-main", type: "submit" }, t("access.found_go"))));
  wizard.addEventListener("submit", (event) => {
    event.preventDefault();
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    void told(async () => {
      await call("POST", "/api/v1/found", { code, zone, language: document.documentElement.lang, ...Object.fromEntries(new FormData(wizard)) });
      location.assign("/manager/settings");
    });
  });
  goOn(wizard);
}

/** @param {string} code @param {CodeFor} found */
function askForPin(code, found) {
  const person = h("select", { name: "salesperson" }, ...found.people.map((p) => h("option", { value: p.id }, p.name)));
  const pin = h("input", { name: "pin", type: "password", inputmode: "numeric", pattern: "[0-9]{6,8}", title: t("access.pin"), required: true, autocomplete: "new-password" });
  const wizard = /** @type {HTMLFormElement} */ (h("form", { class: "stack" }, h("h2", {}, t("access.first", { store: found.store_name })),
    h("p", {}, t("access.first_text")), h("label", { class: "field" }, h("span", {}, t("access.person")), person),
    h("label", { class: "field" }, h("span", {}, t("access.pin")), pin), h("button", { class: "btn btn-main", type: "submit" }, t("access.open"))));
  wizard.addEventListener("submit", (event) => {
    event.preventDefault();
    void told(async () => {
      await call("POST", "/api/v1/setup", { code, ...Object.fromEntries(new FormData(wizard)) });
      location.assign("/manager/settings");
    });
  });
  goOn(wizard);
}
