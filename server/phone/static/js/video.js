/** A film of the store's own, with its captions on: nobody needs the sound in a store. It stops when its sheet closes. */
import { h } from "/static/web/js/dom.js";
import { lang } from "/static/web/js/i18n.js";

/** @param {any} item @param {{store: string}} about @returns {HTMLElement} */
export function video({ video: film, title }, { store }) {
  const place = (/** @type {string} */ file) => `/api/v1/stores/${store}/media/${file}`;
  const languages = Object.keys(film.captions);
  const first = languages.includes(lang()) ? lang() : languages[0];
  const tracks = languages.map((language) => h("track", { kind: "captions", src: place(film.captions[language]), srclang: language, label: language.toUpperCase(), default: language === first }));
  return h("video", { class: "film", src: place(film.file), poster: film.poster ? place(film.poster) : null, controls: true, playsinline: true, preload: "metadata", "aria-label": title }, tracks);
}
