// Salespeople: what each does and since when. No figures per person here: the floor helps, it does not rank.

import { h, icon, t } from "../shared.js";
import { ago, deskName, serviceName, shortSpan } from "../words.js";
import { idleWhileQueue } from "./headline.js";

const ORDER = ["offered", "calling", "serving", "idle", "paused"];

/** @param {any} view @param {number} now */
export function people(view, now) {
  const here = view.salespeople.filter((/** @type {any} */ p) => p.duty !== "off").sort((/** @type {any} */ a, /** @type {any} */ b) => a.name.localeCompare(b.name));
  const off = view.salespeople.length - here.length;
  const idle = new Set(idleWhileQueue(view, now).map((p) => p.id));
  return [
    h("div", { class: "panel-head" }, h("h2", {}, t("manager.people")),
      h("p", { class: "small quiet duty-counts" }, ...ORDER.map((duty) => dutyCount(here, duty)))),
    here.length > 0
      ? h("ul", { class: "people" }, ...here.map((/** @type {any} */ p) => person(view, p, now, idle.has(p.id))))
      : h("p", { class: "quiet" }, t("manager.no_people")),
    off > 0 && h("p", { class: "small quiet" }, t("manager.off", { n: off })),
  ];
}

/** @param {any[]} here @param {string} duty */
function dutyCount(here, duty) {
  const n = here.filter((p) => p.duty === duty).length;
  return n > 0 && h("span", {}, h("i", { class: "duty-dot", "data-duty": duty }), `${n} `, h("span", { class: "unseen" }, t(`staff.duty_${duty}`)));
}

/** @param {any} view @param {any} p @param {number} now @param {boolean} flagged */
const person = (view, p, now, flagged) =>
  h("li", { class: "person", "data-key": p.id, "data-person": p.id, "data-duty": p.duty, "data-idle-while-queue": String(flagged) },
    h("span", { class: "duty-dot", "data-duty": p.duty }),
    h("span", { class: "person-name" }, h("b", {}, p.name), p.desk && h("span", { class: "small quiet" }, deskName(p.desk))),
    h("span", { class: "person-does" },
      h("span", {}, t(`staff.duty_${p.duty}`)),
      h("span", { class: "small quiet" }, p.number && h("b", { class: "figures" }, p.number, " "),
        p.service ? serviceName(view, p.service) : p.skills.map((/** @type {string} */ s) => serviceName(view, s)).join(", "))),
    h("span", { class: "person-since figures small" }, shortSpan(ago(p.since, now))),
    p.doubted && h("span", { class: "chip chip-warn person-flag" }, icon("warn"), t("manager.doubted")),
    flagged && h("span", { class: "chip chip-warn person-flag" }, icon("warn"), t("manager.could_help")));
