/**
 * The kiosk by keypad alone: arrows (or Tab) move, Enter presses, a digit takes the department of that number, 0 or
 * Escape goes back, * turns the voice on and off, # calls somebody.
 */

const NEXT = new Set(["ArrowDown", "ArrowRight"]);
const PREVIOUS = new Set(["ArrowUp", "ArrowLeft"]);

/** @param {{back: () => void, voice: () => void, help: () => void}} does */
export function listen(does) {
  addEventListener("keydown", (event) => {
    const typing = document.activeElement instanceof HTMLInputElement;
    if (NEXT.has(event.key) || PREVIOUS.has(event.key)) return void (typing && event.key.match(/Left|Right/) ? null : (event.preventDefault(), step(NEXT.has(event.key) ? 1 : -1)));
    if (event.key === "Escape" && !document.querySelector("dialog[open]")) return does.back();
    if (typing) return;
    if (/^[1-9]$/.test(event.key)) return /** @type {HTMLElement|null} */ (document.querySelector(`[data-key="${event.key}"]`))?.click();
    if (event.key === "0") return does.back();
    if (event.key === "*") return does.voice();
    if (event.key === "#") return does.help();
  });
}

/** Move to the next or previous thing that can be pressed, round and round; in an open dialog only there. @param {1|-1} by */
function step(by) {
  const root = document.querySelector("dialog[open]") || document;
  const places = /** @type {HTMLElement[]} */ ([...root.querySelectorAll(".kiosk-main button, .kiosk-main input, .kiosk-foot button, dialog button")].filter((e) => e.checkVisibility() && !e.hasAttribute("disabled")));
  const at = places.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const to = at < 0 ? (by > 0 ? 0 : places.length - 1) : (at + by + places.length) % places.length;
  places[to]?.focus();
}
