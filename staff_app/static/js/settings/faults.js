// What the server found wrong with the settings, in the reader's words and under the name the field has on the page.

import { has } from "../shared.js";
import { w } from "./fields.js";

/** @param {Record<string, any>} facts @param {HTMLElement} root @returns {string} */
export function fault({ field, problem, reason, limit }, root) {
  const key = `fault_${reason}`;
  return w("bad_field", { field: labelOf(field, root), problem: has(`settings.${key}`) ? w(key, { limit }) : problem });
}

/** What the page calls a field: the label of its control, or of the part it is in; elsewhere its own name. @param {string} path @param {HTMLElement} root */
function labelOf(path, root) {
  for (let name = path; name; name = name.slice(0, Math.max(0, name.lastIndexOf(".")))) {
    const control = root.querySelector(`[data-path="${CSS.escape(name)}"], [data-path^="${CSS.escape(name)}."]`);
    const words = control?.closest("fieldset, li")?.querySelector("legend, .set-check")?.textContent || (control?.id && root.querySelector(`label[for="${control.id}"]`)?.textContent);
    if (words) return words.trim();
  }
  const part = path.split(".")[0];
  const known = partOf(part);
  return known ? w(`part_${known}`) : path;
}

/** @type {Record<string, string>} */
const PARTS = { services: "services", salespeople: "people", hours: "hours", special: "hours", closed_on: "hours", classes: "ranking", class_labels: "ranking", timings: "times", texts: "texts", notices: "texts", apology: "compensation",
  look: "look", feeds: "content", booking: "appointments", keep: "data", name: "store", zone: "store", weekly: "alarms", languages: "store", region: "store" };

/** The part of the page where a setting is found. @param {string} name @returns {string|undefined} */
export const partOf = (name) => PARTS[name];

/** A service or a person by the name people know. @param {any} settings @param {string} id */
export function nameOf(settings, id) {
  const labels = settings.services[id]?.labels;
  return labels ? labels[document.documentElement.lang] || Object.values(labels)[0] : settings.salespeople[id]?.name ?? id;
}
