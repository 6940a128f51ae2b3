// Pictures by Vega, under a policy that evaluates no text: expressions go through Vega's own interpreter (ast),
// nothing is styled by markup (canvas, no default style, no tooltip element), nothing is loaded from anywhere else.

import { h, t } from "../shared.js";

const SCRIPT = "/lab/vega.js";
/** @type {Promise<any>|null} */ let loading = null;

/** Vega's embedding, loaded when the first picture is drawn. */
function vega() {
  loading ??= new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = SCRIPT;
    script.addEventListener("load", () => done(/** @type {any} */ (window).vegaEmbed));
    script.addEventListener("error", () => ((loading = null), failed(new Error("no vega"))));
    document.head.append(script);
  });
  return loading;
}

/** The page's own text colours over the picture's: it may be dark here. */
function colours() {
  const style = getComputedStyle(document.documentElement);
  const of = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
  const axis = { labelColor: of("--ink-2"), titleColor: of("--ink-2"), gridColor: of("--line"), tickColor: of("--line") };
  return { background: "transparent", axis, legend: { labelColor: of("--ink"), titleColor: of("--ink-2") }, title: { color: of("--ink") }, text: { color: of("--ink") } };
}

/** The pictures' colours of marks, as they can be told apart on a dark page. @type {Record<string, string>} */
const BY_NIGHT = {
  "#214f74": "#7ab3e0", "#c22d14": "#ff7a59", "#1b6142": "#58b58a", "#b07a12": "#dca63f",
  "#6b4a86": "#b394d3", "#8a7e6a": "#b3a78f", "#3f8a8c": "#6bbcbe", "#a3556b": "#d98aa0",
};

/** @param {any} spec */
function byNight(spec) {
  return JSON.parse(JSON.stringify(spec).replace(/#[0-9a-f]{6}/g, (colour) => BY_NIGHT[colour] ?? colour));
}

/** A place for one picture: its title, the drawing, and what it says in words. */
export class Picture {
  #drawn = "";
  /** @type {any} */ #view = null;

  /** @param {string} name */
  constructor(name) {
    this.name = name;
    this.canvas = h("div", { class: "picture-canvas", role: "img", "aria-label": t(`lab.picture_${name}`) });
    this.words = h("p", { class: "small quiet" }, t(`lab.picture_${name}_words`));
    this.element = h("figure", { class: "panel picture", "data-picture": name, hidden: true }, h("figcaption", {}, h("h2", {}, t(`lab.picture_${name}`)), this.words), this.canvas);
  }

  /** @param {any} spec */
  async show(spec) {
    this.element.hidden = !spec;
    const text = JSON.stringify(spec ?? null) + document.documentElement.dataset.theme;
    if (!spec || text === this.#drawn) return;
    this.#drawn = text;
    try {
      const embed = await vega();
      const found = await embed(this.canvas, inColours(fitting(spec, this.canvas.clientWidth)), { ast: true, actions: false, renderer: "canvas", defaultStyle: false, tooltip: false, mode: "vega-lite" });
      this.#view?.finalize();
      this.#view = found;
      for (const node of this.canvas.querySelectorAll("[role=graphics-document]")) node.setAttribute("aria-hidden", "true");
      this.element.dataset.drawn = String(Number(this.element.dataset.drawn ?? 0) + 1);
    } catch {
      this.#drawn = "";
      this.element.hidden = true; // the figures and the table say the same
    }
  }
}

const LABEL_PX = 280; // the longest label of a legend, its colour and a gap
const OTHERS_PX = 75; // the names beside the chart, the colour, the gap

/** As many columns of the legend as there is room for: what does not fit would be cut off.
 * @param {any} spec @param {number} width */
function fitting(spec, width) {
  const colour = spec.encoding?.color;
  if (!colour?.legend?.columns || !width) return spec;
  const columns = Math.max(1, Math.min(colour.legend.columns, Math.floor(width / LABEL_PX)));
  const legend = { ...colour.legend, columns, labelLimit: Math.min(colour.legend.labelLimit ?? LABEL_PX, width / columns - OTHERS_PX) };
  return { ...spec, encoding: { ...spec.encoding, color: { ...colour, legend } } };
}

/** @param {any} spec */
function inColours(spec) {
  const own = colours();
  if (getComputedStyle(document.documentElement).colorScheme === "dark") spec = byNight(spec);
  const config = { ...spec.config, background: own.background };
  for (const part of /** @type {const} */ (["axis", "legend", "title", "text"])) config[part] = { ...config[part], ...own[part] };
  return { ...spec, config };
}
