// The shared modules of server/web under the names the staff screens use; seconds instead of milliseconds.

import { now as nowMs } from "/static/web/js/clock.js";
import { icon as farIcon } from "/static/web/js/dom.js";

export { speed } from "/static/web/js/clock.js";
export { get, uuid } from "/static/web/js/api.js";
export { find, h } from "/static/web/js/dom.js";
export { has, label, lang as language, load, number, t } from "/static/web/js/i18n.js";
export { keep, recall } from "/static/web/js/prefs.js";

/** The store's time, seconds since the epoch. */
export const now = () => nowMs() / 1000;

/** What a page is at; while it loads, a line travels along its top. @param {HTMLElement} root @param {"loading"|"ready"|"failed"} state */
export function stand(root, state) {
  root.dataset.state = state;
  root.ariaBusy = String(state === "loading");
}

/**
 * Draw anew and leave the focus where it was: on what has the same name and data; on `otherwise` where that is no more.
 * @param {HTMLElement} root @param {() => void} draw @param {string} [otherwise]
 */
export function redrawn(root, draw, otherwise = "") {
  const here = document.activeElement;
  const had = here instanceof Element && here !== root && root.contains(here);
  const names = had ? [...here.attributes].filter(({ name }) => name === "name" || name.startsWith("data-")) : [];
  const same = names.map(({ name, value }) => `[${name}="${CSS.escape(value)}"]`).join("");
  draw();
  const there = (same && root.querySelector(same)) || (had && otherwise && root.querySelector(otherwise));
  if (there) /** @type {HTMLElement} */ (there).focus({ preventScroll: true });
}

/**
 * Bring the sprite into the page: an icon first drawn while the network is away must not be a hole.
 * Until it is here, and if it cannot be had, icons point to the file.
 */
export async function loadIcons() {
  const answer = await fetch("/static/web/icons.svg").catch(() => null);
  if (!answer?.ok) return;
  const sprite = new DOMParser().parseFromString(await answer.text(), "image/svg+xml").documentElement;
  for (const symbol of sprite.querySelectorAll("symbol")) symbol.id = `icon-${symbol.id}`;
  sprite.setAttribute("class", "unseen");
  sprite.setAttribute("aria-hidden", "true");
  document.body.append(document.adoptNode(sprite));
}

/** An icon of the sprite; decorative unless a label is given. @param {string} name @param {string} [label] */
export function icon(name, label) {
  const svg = farIcon(name, label);
  if (document.getElementById(`icon-${name}`)) svg.firstElementChild?.setAttribute("href", `#icon-${name}`);
  return svg;
}
