// Who changed what and when: before and after, newest first.

import { h } from "../shared.js";
import { w } from "./fields.js";

/** @param {import("./screen.js").SettingsScreen} screen */
export function history({ versions }) {
  return versions.map((version) => h("article", { class: "set-version" },
    h("h3", {}, new Date(version.at).toLocaleString(document.documentElement.lang, { dateStyle: "full", timeStyle: "short" }), " · ", version.by || w("by_file")),
    version.changes.length === 0 ? h("p", { class: "quiet" }, w("began")) : h("div", { class: "set-scroll", tabindex: "0", role: "region", "aria-label": w("part_history") },
      h("table", { class: "table" },
        h("thead", {}, h("tr", {}, ...["what", "before", "after"].map((column) => h("th", { scope: "col" }, w(column))))),
        h("tbody", {}, ...version.changes.map((/** @type {any} */ change) => h("tr", { "data-change": change.field },
          h("th", { scope: "row" }, h("code", {}, change.field)), h("td", {}, shown(change.before)), h("td", {}, shown(change.after)))))))));
}

/** @param {any} value */
function shown(value) {
  if (value === null || value === undefined) return "–";
  if (typeof value === "boolean") return w(value ? "yes" : "no");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
