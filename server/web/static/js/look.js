/**
 * The store's own colours and logo (server/web/look.py). The page's shell brings them where it knows its store; here they
 * come to the phone, and to a screen that has been up since before they were changed.
 */
import { find, h } from "./dom.js";

/** @param {string} store @param {{name?: string, look?: {version: string, logo: boolean}|null}} info the store */
export function wear(store, info) {
  const version = info.look?.version || "";
  const sheet = /** @type {HTMLLinkElement|null} */ (document.querySelector("link[data-look]"));
  if ((sheet?.dataset.look || "") === version) return;
  sheet?.remove();
  if (version) document.head.append(h("link", { rel: "stylesheet", href: `/s/${store}/look.css?v=${version}`, data: { look: version } }));
  find("header").querySelector(".logo")?.remove();
  if (info.look?.logo) find("header").prepend(h("img", { class: "logo", src: `/s/${store}/logo?v=${version}`, alt: info.name || "" }));
}
