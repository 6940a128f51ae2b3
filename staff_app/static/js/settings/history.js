// Who changed what and when: before and after, newest first.

import { h, has } from "../shared.js";
import { className } from "../words.js";
import { nameOf, partOf } from "./faults.js";
import { w } from "./fields.js";
import { dayName, DAYS } from "./lists.js";

/** @param {import("./screen.js").SettingsScreen} screen */
export function history({ versions, draft }) {
  const when = (/** @type {string} */ at) => new Date(at).toLocaleString(document.documentElement.lang, { dateStyle: "full", timeStyle: "short", hourCycle: "h23", timeZone: draft.before.zone });
  return versions.map((version) => h("article", { class: "set-version" }, h("h3", {}, when(version.at), " · ", version.by || w("by_file")),
    version.changes.length === 0 ? h("p", { class: "quiet" }, w("began")) : h("div", { class: "set-scroll", tabindex: "0", role: "region", "aria-label": `${version.version} · ${when(version.at)}` },
      h("table", { class: "table" },
        h("thead", {}, h("tr", {}, ...["what", "before", "after"].map((column) => h("th", { scope: "col" }, w(column))))),
        h("tbody", {}, ...version.changes.map((/** @type {any} */ change) => h("tr", { "data-change": change.field },
          h("th", { scope: "row" }, what(change.field, draft.before)), h("td", {}, shown(change.before, change.field, draft.before)), h("td", {}, shown(change.after, change.field, draft.before)))))))));
}

/** How the labels of a part's fields begin, where a plain name would be another field's. @type {Record<string, string>} */
const KIND = { salespeople: "person", booking: "booking", keep: "keep", feeds: "feed", texts: "text" };

const NAMED = new Set(["services", "salespeople", "classes", "class_labels"]);

/** Where a setting is found and what it is called there: "Délais › Rappels"; what the page has no name for keeps its id. @param {string} path @param {any} settings */
function what(path, settings) {
  const [part, ...rest] = path.split(".");
  const called = (/** @type {string} */ step, /** @type {number} */ n) => {
    if (n === 0 && NAMED.has(part)) return part.startsWith("class") ? className(step, settings.class_labels) : nameOf(settings, step);
    const label = [`f_${KIND[part]}_${step}`, `f_${step}`, `part_${step}`].find((key) => has(`settings.${key}`));
    if (label) return w(label);
    return DAYS.includes(step) ? dayName(step) : settings.languages.includes(step) ? languageName(step) : step;
  };
  const place = partOf(part);
  if (part === "class_labels" && rest.length === 2) rest.splice(1, 0, "labels");
  if (rest.length === 0 && has(`settings.f_${part}`)) rest.push(part);
  return [place ? w(`part_${place}`) : part, ...rest.map(called)].join(" › ");
}

/** @param {string} code */
const languageName = (code) => new Intl.DisplayNames([document.documentElement.lang], { type: "language" }).of(code) ?? code;

/** @param {any} value @param {string} field whose name ends in its unit @param {any} settings which know what ids are called */
function shown(value, field, settings) {
  if (value === null || value === undefined) return "–";
  if (typeof value === "boolean") return w(value ? "yes" : "no");
  const unit = /[_.](min|s|days)$/.exec(field)?.[1];
  if (unit === "s" && value >= 60 && value % 60 === 0) return shown(value / 60, "_min", settings);
  const choice = /(?:^|\.)(role|mode)$/.exec(field)?.[1];
  if (choice && has(`settings.${choice}_${value}`)) return w(`${choice}_${value}`);
  if (typeof value === "number") return `${value.toLocaleString(document.documentElement.lang)}${unit ? `\u00a0${w(`unit_${unit}`)}` : ""}`;
  if (Array.isArray(value) && value.every((one) => typeof one === "string")) return value.map((id) => (field === "languages" ? languageName(id) : nameOf(settings, id))).join(", ") || "–";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
