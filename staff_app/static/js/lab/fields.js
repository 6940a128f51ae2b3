// Small parts of the lab's forms.

import { h, language } from "../shared.js";

/** @param {string} value @param {string} text @param {boolean} selected */
export const asOption = (value, text, selected) => h("option", { value, selected }, text);

/** What a field of the page says. @param {HTMLElement} root @param {string} field */
export const chosen = (root, field) => /** @type {HTMLSelectElement|null} */ (root.querySelector(`[data-field="${field}"]`))?.value ?? "";

/** "Saturday, 28 November". @param {string} iso */
export const dayName = (iso) => new Date(`${iso}T12:00:00Z`).toLocaleDateString(language(), { weekday: "long", day: "numeric", month: "long", timeZone: "UTC" });

/** Every beginning of a quarter hour and the end of the last. @param {string[]} starts @returns {[string, string][]} */
export function quarterOptions(starts) {
  const [hour, minute] = (starts.at(-1) ?? "00:00").split(":").map(Number);
  const end = hour * 60 + minute + 15;
  return [...starts, `${String(Math.floor(end / 60)).padStart(2, "0")}:${String(end % 60).padStart(2, "0")}`].map((text, n) => [String(n), text]);
}
