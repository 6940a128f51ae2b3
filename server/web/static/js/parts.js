/** Pieces that kiosk, join page, phone and board share: a range, a service's pictogram, the connection line, a QR picture. */
import { fill, h, icon, say } from "./dom.js";
import { minutesLeft, rangeFigures, t, time } from "./i18n.js";
import { now } from "./clock.js";

const PICTOGRAMS = new Set(["computer", "phone", "tv", "audio", "appliance", "camera", "gaming", "kitchen", "payment", "collection", "repair", "advice", "home"]);
const STALE_MS = 180_000; // a range nobody renewed for this long is not shown as if it were true

/** The pictogram of a service; a speech bubble when the store chose none we have. @param {string} name @returns {SVGElement} */
export function pictogram(name) {
  return icon(PICTOGRAMS.has(name) ? name : "advice");
}

/**
 * A range as "6–11 min" that can be updated: {element, show(range)}. Null, or too old while offline, shows a dash.
 * @param {string} [extra] more classes
 */
export function rangeView(extra = "") {
  const figures = h("b", null, "–");
  const unit = h("span", null, t("common.minutes_short"));
  const element = h("p", { class: `range ${extra}` }, figures, unit);
  /** @param {any} range @param {boolean} [trusted] whether the view is current */
  const show = (range, trusted = true) => {
    const known = range && (trusted || now() - Date.parse(range.as_of) < STALE_MS);
    say(figures, known ? rangeFigures(minutesLeft(range, now())) : "–");
    unit.hidden = !known;
    element.dataset.said = rangeWords(known ? range : null); // for a voice: "20–45 min" is not said as it is written
  };
  return { element, show };
}

/** "between 6 and 11 minutes" for ears and sentences. @param {any} range @returns {string} */
export function rangeWords(range) {
  if (!range) return t("common.wait_unknown");
  const { low, high } = minutesLeft(range, now());
  if (low === 0) return t("common.wait_under", { n: high });
  return low === high ? t("common.wait_exact", { n: low }) : t("common.wait_between", { low, n: high });
}

/** Write the state of the connection into <p class="live">. @param {HTMLElement} element @param {import("./socket.js").Status} status */
export function liveLine(element, status) {
  element.dataset.state = status.state;
  if (!element.firstChild) fill(element, h("i"), h("span"));
  const at = status.updatedAt ? time(status.updatedAt + (now() - Date.now()), true) : "";
  const key = status.updatedAt || status.state === "gone" || status.state === "taken" ? status.state : "connecting";
  say(/** @type {Element} */ (element.lastChild), t(`common.live.${key}`, { at }));
}

/** A QR code (SVG text from our own server) as a picture: never parsed as part of the page. @param {string} svg @param {string} alt */
export function qrPicture(svg, alt) {
  return h("img", { class: "qr", alt, src: `data:image/svg+xml,${encodeURIComponent(svg)}` });
}
