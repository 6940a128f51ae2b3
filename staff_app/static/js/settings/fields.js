// One labelled control for one value of the draft. Durations are shown in the unit people think in and kept in seconds.

import { h, has, t } from "../shared.js";

/** @typedef {import("./draft.js").Draft} Draft @typedef {import("./draft.js").Path} Path */
/**
 * @typedef {{kind?: "text"|"number"|"minutes"|"seconds"|"bool"|"choice"|"area"|"colour"|"time"|"date", label: string, help?: string, min?: number, max?: number,
 *            step?: number, pattern?: string, required?: boolean, maxlength?: number, usual?: number, options?: [string, string][], unit?: string,
 *            optional?: boolean, placeholder?: string}} Field   optional: left empty it is nothing, not an empty text
 */

let count = 0;

/** Words of this page. @param {string} key @param {Record<string, any>} [values] */
export const w = (key, values) => t(`settings.${key}`, values);

/** The label of a field, and the sentence under it if there is one. @param {string} name @returns {{label: string, help?: string}} */
export const named = (name) => ({ label: w(`f_${name}`), help: has(`settings.h_${name}`) ? w(`h_${name}`) : undefined });

/** @param {Draft} draft @param {Path} path @param {Field} field */
export function field(draft, path, field) {
  const id = `f${(count += 1)}`;
  const about = field.help ? `${id}-help` : null;
  const control = /** @type {HTMLInputElement} */ (input(draft.get(path), field, { id, "aria-describedby": about, "data-path": path.join(".") }));
  control.addEventListener(field.kind === "bool" || field.kind === "choice" ? "change" : "input", () => {
    if (control.checkValidity()) draft.set(path, value(control, field));
  });
  control.addEventListener("change", () => control.reportValidity()); // what is not taken must not look as if it were
  const help = field.help && h("span", { class: "small quiet", id: about }, field.help);
  if (field.kind === "bool") return h("label", { class: "set-check" }, control, h("span", {}, h("span", {}, field.label), help && h("br", {}), help));
  const unit = field.unit ?? { minutes: w("unit_min"), seconds: w("unit_s") }[/** @type {"minutes"} */ (field.kind)];
  return h("div", { class: "field set-field" }, h("label", { for: id }, field.label), unit ? h("span", { class: "set-unit" }, control, h("span", { "aria-hidden": "true" }, unit)) : control, help);
}

/** @param {any} now @param {Field} field @param {Record<string, any>} props */
function input(now, field, props) {
  const { kind = "text", min, max, step, pattern, required, maxlength, usual, options = [] } = field;
  if (kind === "bool") return h("input", { ...props, type: "checkbox", checked: Boolean(now) });
  if (kind === "choice") return h("select", props, ...options.map(([id, text]) => h("option", { value: id, selected: id === now }, text)));
  if (kind === "area") {
    const area = h("textarea", { ...props, rows: 2, maxlength, required });
    area.textContent = now ?? "";
    return area;
  }
  const scale = kind === "minutes" ? 60 : 1;
  const numeric = kind === "number" || kind === "minutes" || kind === "seconds";
  const type = numeric ? "number" : kind === "colour" ? "color" : kind;
  const shown = numeric && typeof now === "number" ? round(now / scale) : kind === "time" ? String(now ?? "").slice(0, 5) : now ?? "";
  return h("input", { ...props, type, value: shown, min, max, step: numeric ? step ?? "any" : null, pattern, required, maxlength,
    inputmode: numeric ? "decimal" : null, placeholder: field.placeholder ?? (usual === undefined ? null : round(usual / scale)) });
}

/** @param {HTMLInputElement} control @param {Field} field */
function value(control, field) {
  switch (field.kind) {
    case "bool": return control.checked;
    case "number": return control.value === "" ? null : Number(control.value);
    case "minutes": return control.value === "" ? null : Number(control.value) * 60;
    case "seconds": return control.value === "" ? null : Number(control.value);
    default: return field.optional && control.value === "" ? null : control.value;
  }
}

/** @param {number} n */
const round = (n) => Math.round(n * 100) / 100;

/** A text in each language of the store; what is empty is left out. @param {Draft} draft @param {Path} path @param {string} label @param {{required?: boolean, area?: boolean, maxlength?: number, unsaid?: (language: string) => string|undefined}} [options] unsaid: what people read where it is empty */
export function words(draft, path, label, { required = false, area = false, maxlength = 200, unsaid } = {}) {
  const name = new Intl.DisplayNames([document.documentElement.lang], { type: "language" });
  return h("fieldset", { class: "fields set-words" }, h("legend", {}, label), ...draft.now.languages.map((/** @type {string} */ language, /** @type {number} */ n) => {
    const one = field(draft, [...path, language], { kind: area ? "area" : "text", label: name.of(language) ?? language, required: required && n === 0, maxlength, placeholder: unsaid?.(language) });
    const control = /** @type {HTMLInputElement} */ (one.querySelector("input, textarea"));
    control.lang = language;
    control.addEventListener("input", () => control.value.trim() === "" && draft.set([...path, language], undefined));
    return one;
  }));
}

/** For who may only look: every value stays, and nothing is offered that would be refused. @param {HTMLElement} part */
export function toLookAt(part) {
  for (const one of part.querySelectorAll("button, [data-changes]")) one.remove();
  for (const control of /** @type {NodeListOf<HTMLInputElement>} */ (part.querySelectorAll("input, select, textarea"))) control.disabled = true;
}

/** A button of this page. @param {string} action @param {string} text @param {Record<string, any>} [props] */
export const button = (action, text, props = {}) => h("button", { type: "button", class: "btn", "data-action": action, ...props }, text);

/** A box to tick that is no value of its own. @param {boolean} on @param {string} text @param {string} path @param {(on: boolean) => void} change */
export function tick(on, text, path, change) {
  const box = /** @type {HTMLInputElement} */ (h("input", { type: "checkbox", checked: on, "data-path": path }));
  box.addEventListener("change", () => change(box.checked));
  return h("label", { class: "set-check" }, box, h("span", {}, text));
}

/**
 * Boxes for a list of ids: each is in the list or out of it; no box takes the list below `least`.
 * @param {Draft} draft @param {Path} path @param {string} legend @param {[string, string][]} choices ids and what they are called @param {number} [least]
 */
export function several(draft, path, legend, choices, least = 0) {
  const kept = (/** @type {string} */ id) => draft.get(path).filter((/** @type {string} */ other) => other !== id);
  const change = (/** @type {string} */ id, /** @type {boolean} */ on) => (on || kept(id).length >= least) && draft.set(path, on ? [...kept(id), id] : kept(id));
  return h("fieldset", { class: "fields set-words" }, h("legend", {}, legend),
    ...choices.map(([id, text]) => tick(draft.get(path).includes(id), text, [...path, id].join("."), (on) => change(id, on))));
}
