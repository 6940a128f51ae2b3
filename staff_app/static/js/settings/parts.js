// The parts of the settings that are plain forms; services, people, hours and history have files of their own.

import { h } from "../shared.js";
import { button, field, named, several, tick, w, words } from "./fields.js";

/** @typedef {import("./screen.js").SettingsScreen} Screen */

const LANGUAGES = ["fr", "en", "es", "de", "it", "ar"];
const LOGO_BYTES = 60_000;
const LOGO_PIXELS = 480;

/** @param {Screen} screen */
export function store({ draft }) {
  const name = new Intl.DisplayNames([document.documentElement.lang], { type: "language" });
  return [
    field(draft, ["name"], { ...named("name"), required: true, maxlength: 80 }),
    field(draft, ["zone"], { ...named("zone"), required: true, maxlength: 60 }),
    field(draft, ["region"], { ...named("region"), maxlength: 40 }),
    several(draft, ["languages"], w("f_languages"), LANGUAGES.map((id) => [id, name.of(id) ?? id]), 1),
    field(draft, ["mode"], { kind: "choice", ...named("mode"), options: ["both", "offer", "claim"].map((mode) => [mode, w(`mode_${mode}`)]) }),
    field(draft, ["pick_allowed"], { kind: "bool", ...named("pick_allowed") }),
    field(draft, ["presence"], { kind: "bool", ...named("presence") }),
    field(draft, ["open_max"], { kind: "number", ...named("open_max"), min: 1, max: 5000, step: 1, required: true }),
  ];
}

const TIMES = /** @type {const} */ ({
  closing: ["last_ticket_s", "overtime_s"],
  calling: ["offer_s", "escalate_s", "recall_after_s", "hold_s", "park_s", "away_max_s", "undo_s", "breather_s", "return_s"],
  early: ["early_from_s", "early_s"],
  appointments: ["appointment_late_s", "appointment_early_s"],
});
const COUNTS = ["offers_ignored_max", "recalls_max", "aways_max"];
const MINUTES = new Set(["park_s", "away_max_s", "appointment_late_s", "appointment_early_s", "last_ticket_s", "overtime_s"]);

/** @param {Screen} screen */
export function times({ draft, usual }) {
  const of = (/** @type {string} */ name) => field(draft, ["timings", name], { kind: MINUTES.has(name) ? "minutes" : "seconds", ...named(name), min: 0, max: MINUTES.has(name) ? 1440 : 86_400, usual: usual[name] });
  return [
    h("p", { class: "quiet" }, w("times_lead")),
    ...Object.entries(TIMES).map(([group, names]) => h("fieldset", { class: "fields set-group" }, h("legend", {}, w(`times_${group}`)), ...names.map(of))),
    h("fieldset", { class: "fields set-group" }, h("legend", {}, w("times_counts")),
      ...COUNTS.map((name) => field(draft, ["timings", name], { kind: "number", ...named(name), min: 0, max: 20, step: 1, usual: usual[name] }))),
  ];
}

/** @param {Screen} screen */
export const texts = ({ draft }) => [
  h("p", { class: "quiet" }, w("texts_lead")),
  ...["welcome", "closed", "thanks", "slip"].map((place) => words(draft, ["texts", place], w(`f_text_${place}`), { area: true })),
  words(draft, ["notices"], w("f_notices"), { area: true }),
  h("p", { class: "small quiet" }, w("h_notices")),
];

/** @param {Screen} screen */
export const compensation = ({ draft }) => [
  h("p", { class: "quiet" }, w("compensation_lead")),
  words(draft, ["apology"], w("f_apology"), { area: true }),
];

/** @param {Screen} screen */
export function look({ draft, redraw }) {
  const { colour, logo } = draft.now.look;
  const pick = /** @type {HTMLInputElement} */ (h("input", { type: "file", accept: "image/*", id: "logo", "data-path": "look.logo" }));
  pick.addEventListener("change", () => void shrunk(pick.files?.[0]).then((address) => (draft.set(["look", "logo"], address), redraw()), () => redraw(w("logo_bad"))));
  return [
    tick(Boolean(colour), w("f_own_colour"), "look.own", (on) => (draft.set(["look", "colour"], on ? "#14507d" : ""), redraw())),
    colour && field(draft, ["look", "colour"], { kind: "colour", ...named("colour") }),
    h("div", { class: "field set-field", "data-changes": "" }, h("label", { for: "logo" }, w("f_logo")), pick, h("span", { class: "small quiet" }, w("h_logo"))),
    logo && h("p", {}, h("img", { class: "logo", src: logo, alt: w("logo_alt") })),
    logo && button("drop-logo", w("drop_logo")),
    h("p", {}, h("a", { href: `/s/${draft.now.id}/kiosk`, target: "_blank", rel: "noopener" }, w("see_kiosk"))),
  ];
}

/** A picture as a PNG small enough to keep. @param {File|undefined} file @returns {Promise<string>} */
async function shrunk(file) {
  if (!file) return "";
  const reader = new FileReader(); // the page may show data: addresses; blob: ones are none of its policy's
  await new Promise((done, fail) => (Object.assign(reader, { onload: done, onerror: fail }), reader.readAsDataURL(file)));
  const picture = await new Promise((/** @type {(i: HTMLImageElement) => void} */ done, fail) => {
    const image = new Image();
    image.onload = () => done(image);
    image.onerror = fail;
    image.src = String(reader.result);
  });
  for (let most = LOGO_PIXELS; most > 60; most *= 0.7) {
    const scale = Math.min(1, most / Math.max(picture.width || most, picture.height || most));
    const canvas = /** @type {HTMLCanvasElement} */ (document.createElement("canvas"));
    [canvas.width, canvas.height] = [picture.width || most, picture.height || most].map((side) => Math.max(1, Math.round(side * scale)));
    canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
    const text = canvas.toDataURL("image/png");
    if (text.length < LOGO_BYTES * 1.3) return text;
  }
  throw new Error("too large");
}

/** @param {Screen} screen */
export function content({ draft, redraw }) {
  const name = new Intl.DisplayNames([document.documentElement.lang], { type: "language" });
  const languages = draft.now.languages.map((/** @type {string} */ id) => [id, name.of(id) ?? id]);
  return [
    h("p", { class: "quiet" }, w("content_lead")),
    ...(draft.now.feeds ?? []).map((/** @type {any} */ _, /** @type {number} */ n) => h("fieldset", { class: "set-item" }, h("legend", {}, w("feed", { n: n + 1 })),
      field(draft, ["feeds", n, "url"], { ...named("feed_url"), required: true, pattern: "https?://.+", maxlength: 300 }),
      field(draft, ["feeds", n, "language"], { kind: "choice", ...named("feed_language"), options: languages }),
      field(draft, ["feeds", n, "service"], { kind: "choice", ...named("feed_service"), optional: true, options: [["", w("feed_for_all")], ...labels(draft.now.services)] }),
      field(draft, ["feeds", n, "items_max"], { kind: "number", ...named("feed_items"), min: 1, max: 10, step: 1, required: true }),
      button("remove-feed", w("remove"), { "data-place": n, class: "btn btn-stop" }))),
    (draft.now.feeds ?? []).length < 5 && button("add-feed", w("add_feed")),
  ];
}

/** @param {Screen} screen */
export const alarms = ({ draft }) => [
  h("p", { class: "quiet" }, w("alarms_lead")),
  ...Object.entries(draft.now.services).map(([id, service]) =>
    field(draft, ["services", id, "alarm_s"], { kind: "minutes", label: label(/** @type {any} */ (service), id), min: 1, max: 240, required: true })),
  h("h3", {}, w("weekly")),
  addresses(draft),
];

/** Who gets the week by e-mail: an address a line. @param {import("./draft.js").Draft} draft */
function addresses(draft) {
  const area = /** @type {HTMLTextAreaElement} */ (h("textarea", { id: "weekly", rows: 3, "data-path": "weekly.mail", "aria-describedby": "weekly-help", spellcheck: false }));
  area.textContent = draft.now.weekly.mail.join("\n");
  area.addEventListener("input", () => draft.set(["weekly", "mail"], area.value.split(/[\s,;]+/).filter(Boolean)));
  return h("div", { class: "field set-field" }, h("label", { for: "weekly" }, w("f_weekly")), area, h("span", { class: "small quiet", id: "weekly-help" }, w("h_weekly")));
}

/** @param {Screen} screen */
export function appointments({ draft }) {
  return [
    h("p", { class: "quiet" }, w("appointments_lead")),
    several(draft, ["booking", "services"], w("f_booked"), labels(draft.now.services)),
    field(draft, ["booking", "walk_in_share"], { kind: "number", ...named("walk_in_share"), min: 0, max: 0.9, step: 0.05, required: true }),
    field(draft, ["booking", "days"], { kind: "number", ...named("booking_days"), min: 1, max: 60, step: 1, required: true, unit: w("unit_days") }),
    field(draft, ["booking", "notice_min"], { kind: "number", ...named("notice_min"), min: 0, max: 2880, step: 5, required: true, unit: w("unit_min") }),
    field(draft, ["booking", "grid_min"], { kind: "number", ...named("grid_min"), min: 5, max: 60, step: 5, required: true, unit: w("unit_min") }),
    field(draft, ["booking", "moves_max"], { kind: "number", ...named("moves_max"), min: 0, max: 20, step: 1, required: true }),
  ];
}

/** @param {Screen} screen */
export const data = ({ draft }) => [
  field(draft, ["keep", "contact_after_visit_min"], { kind: "number", ...named("contact_after"), min: 0, max: 1440, required: true, unit: w("unit_min") }),
  field(draft, ["keep", "days"], { kind: "number", ...named("keep_days"), min: 2, max: 1100, step: 1, required: true, unit: w("unit_days") }),
  h("p", {}, h("a", { href: "/privacy" }, w("privacy"))),
];

/** A service in the reader's language. @param {{labels: Record<string, string>}} service @param {string} id */
export const label = (service, id) => service.labels[document.documentElement.lang] || Object.values(service.labels)[0] || id;

/** Every service as a choice. @param {Record<string, any>} services @returns {[string, string][]} */
export const labels = (services) => Object.entries(services).map(([id, service]) => [id, label(service, id)]);
