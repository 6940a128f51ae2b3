// The appointments of the day: who is expected when, here, late or gone; here they are checked in or marked as not come.

import { command } from "/static/web/js/api.js";
import { get, h, icon, now, t } from "./shared.js";
import { fillSheet, stillOpen, whyNot } from "./sheets.js";
import { hour, serviceName } from "./words.js";

/** @typedef {{id: string, at: string, service: string, name: string, companions: number, state: string, number: string|null}} Appointment */

/** Show the list; what is tapped in it is told to the server and the list drawn again. @param {string} base @param {any} view @param {any} [problem] what the server said to the last tap */
export async function openAppointments(base, view, problem) {
  if (!stillOpen("appointments")) fillSheet("appointments", [h("h2", {}, t("staff.appointments")), h("p", { class: "quiet" }, t("staff.loading"))]);
  const found = await get(`${base}/staff/appointments`).then(({ body }) => body, (problem) => problem);
  const list = Array.isArray(found) ? found : [];
  if (stillOpen("appointments")) fillSheet("appointments", [
    h("h2", {}, t("staff.appointments")),
    problem && h("p", { class: "notice notice-warn", role: "alert" }, whyNotNow(problem)),
    !Array.isArray(found) ? h("p", { class: "notice notice-warn" }, whyNot(found))
      : list.length === 0 ? h("p", { class: "quiet" }, t("staff.appointments_none"))
        : h("ul", { class: "booked" }, ...list.map((appointment) => row(base, view, appointment))),
  ]);
}

/** Why that tap came to nothing; who came too early is told from when on. @param {any} problem */
const whyNotNow = (problem) => (problem.code === "appointment_too_early" && problem.facts?.come_at ? t("staff.appointment_early", { at: hour(problem.facts.come_at) }) : whyNot(problem));

/** @param {string} base @param {any} view @param {Appointment} appointment */
function row(base, view, appointment) {
  const waits = appointment.state === "expected" || appointment.state === "late";
  const late = waits && Date.parse(appointment.at) < now() * 1000; // the list may have been open for a while
  const state = late ? "late" : appointment.state;
  const act = (/** @type {string} */ verb) => async (/** @type {Event} */ event) => {
    event.stopPropagation(); // the page's own listener knows nothing of it
    const button = /** @type {HTMLElement} */ (event.currentTarget);
    if (button.ariaBusy === "true") return;
    button.ariaBusy = "true"; // until it is answered, however long the line is away
    const said = await command(`${base}/staff/appointments/${appointment.id}/${verb}`, {}).then(() => null, (problem) => problem);
    await openAppointments(base, view, said);
  };
  const named = (/** @type {string} */ text) => ({ "aria-label": [text, appointment.name || t("staff.somebody"), hour(appointment.at)].join(" ") });
  const come = waits || state === "no_show"; // some come after all
  return h("li", { "data-appointment": appointment.id, "data-state": state },
    h("p", {}, h("b", { class: "figures" }, hour(appointment.at)), " ", h("span", { class: "strong" }, appointment.name || t("staff.somebody")), " ",
      h("span", { class: "quiet" }, [serviceName(view, appointment.service), appointment.number].filter(Boolean).join(" · "))),
    h("span", { class: `chip ${late ? "chip-warn" : state === "here" ? "chip-go" : ""}` }, state === "here" && icon("check"), t(`staff.appointment_${state}`)),
    come && h("button", { type: "button", class: waits ? "btn btn-main" : "btn", "data-check-in": appointment.id, ...named(t("staff.appointment_check_in")), on: { click: act("check-in") } }, t("staff.appointment_check_in")),
    waits && late && h("button", { type: "button", class: "btn", "data-no-show": appointment.id, ...named(t("staff.appointment_not_come")), on: { click: act("no-show") } }, t("staff.appointment_not_come")));
}
