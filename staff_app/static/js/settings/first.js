// The way from an empty store to the first ticket, as a list that ticks itself off. Also where an open store begins its day.

import { h, icon } from "../shared.js";
import { button, w } from "./fields.js";
import { dayName, DAYS } from "./lists.js";
import { label } from "./parts.js";

/** @param {import("./screen.js").SettingsScreen} screen */
export function steps(screen) {
  const { versions, accounts, devices, joined } = screen;
  const codeKey = (/** @type {string} */ profile) => [button("code", w(`code_${profile}`), { "data-profile": profile }), h("span", { "data-made": profile, role: "status" }, screen.codes.get(profile))];
  const settings = /** @type {import("./draft.js").Draft} */ (screen.draft).before;
  const touched = (/** @type {string} */ field) => versions.some((v) => v.version > 1 && v.changes.some((/** @type {any} */ c) => c.field.startsWith(field)));
  const serving = Object.entries(settings.salespeople).filter(([, person]) => person.skills.length > 0);
  const can = (/** @type {string} */ profile) => devices.some((device) => device.profile === profile);
  /** @type {[string, boolean, any][]} */
  const list = [
    ["services", touched("services") || Object.keys(settings.services).length > 1 || joined > 0, link("#services")],
    ["hours", touched("hours") || touched("special") || joined > 0, link("#hours")],
    ["people", serving.length > 0 && serving.every(([id]) => accounts.get(id)), [link("#people"), ...codeKey("staff")]],
    ["kiosk", can("kiosk"), [h("a", { class: "btn", href: `/s/${settings.id}/kiosk`, target: "_blank", rel: "noopener" }, w("open_kiosk")), ...codeKey("kiosk")]],
    ["board", can("board"), [h("a", { class: "btn", href: `/s/${settings.id}/board`, target: "_blank", rel: "noopener" }, w("open_board")), ...codeKey("board")]],
    ["ticket", joined > 0, [h("a", { class: "btn", href: `/s/${settings.id}`, target: "_blank", rel: "noopener" }, w("take_ticket")), h("a", { class: "btn", href: "/staff", target: "_blank", rel: "noopener" }, w("open_staff"))]],
  ];
  /** @type {Record<string, string>} what there is already */
  const now = { services: w("step_services_now", { list: Object.entries(settings.services).map(([id, service]) => label(/** @type {any} */ (service), id)).join(", ") }), hours: week(settings.hours) };
  const done = list.filter(([, over]) => over).length;
  return [
    h("p", {}, w("start_lead", { n: done, all: list.length })),
    h("ol", { class: "set-steps" }, ...list.map(([name, over, keys], n) => h("li", { "data-step": name, "data-done": String(over) },
      h("span", { class: "set-mark figures" }, over ? icon("check", w("done")) : String(n + 1)),
      h("div", {}, h("h3", {}, w(`step_${name}`)), h("p", { class: "small" }, w(`step_${name}_text`)), now[name] && h("p", { class: "small quiet", "data-now": name }, now[name]), name === "ticket" && !screen.open && h("p", { class: "notice notice-warn" }, w("closed_now")), h("p", { class: "set-keys" }, keys))))),
    h("p", { class: "small quiet" }, w("start_rest")),
  ];
}

/** @param {string} href */
const link = (href) => h("a", { class: "btn", href }, w("do_it"));

/** The week in a line: "lundi–samedi 10:00–19:30 · dimanche fermé". @param {Record<string, [string, string]>} hours */
function week(hours) {
  /** @type {[string, string, string][]} first day, last day, what */
  const runs = [];
  for (const day of DAYS) {
    const what = hours[day] ? hours[day].map((time) => time.slice(0, 5)).join("–") : w("day_off");
    const last = runs.at(-1);
    if (last && last[2] === what) last[1] = day;
    else runs.push([day, day, what]);
  }
  return runs.map(([from, to, what]) => `${from === to ? dayName(from) : `${dayName(from)}–${dayName(to)}`} ${what}`).join(" · ");
}
