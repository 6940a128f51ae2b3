/**
 * Tiny DOM helpers. Text goes in as text (textContent), never as HTML; styles only as custom properties,
 * so that the strict content policy holds. Every face and the staff app build with these.
 */

const SPRITE = "/static/web/icons.svg";
const SVG = "http://www.w3.org/2000/svg";
let inlined = false; // whether the sprite is in the page

/** @param {string} selector @param {ParentNode} [root] @returns {HTMLElement} the one element, or an error that says which is missing */
export function find(selector, root = document) {
  const element = root.querySelector(selector);
  if (!element) throw new Error(`no element ${selector}`);
  return /** @type {HTMLElement} */ (element);
}

/**
 * Make an element: h("button", {class: "btn", on: {click: go}, vars: {"--fill": 0.5}}, "Text", child, null).
 * Props: `class`, `on` (listeners), `vars` (custom properties), `data` (dataset); booleans toggle attributes; null leaves out.
 * @param {string} tag @param {Record<string, any>|null} [props] @param {...any} children @returns {HTMLElement}
 */
export function h(tag, props, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props || {})) set(element, name, value);
  element.append(...children.flat().filter((c) => c !== null && c !== undefined && c !== false));
  return element;
}

/** Set one prop as h() does. @param {HTMLElement} element @param {string} name @param {any} value */
export function set(element, name, value) {
  if (name === "on") for (const [type, listener] of Object.entries(value)) element.addEventListener(type, listener);
  else if (name === "vars") for (const [key, v] of Object.entries(value)) element.style.setProperty(key, String(v));
  else if (name === "data") Object.assign(element.dataset, value);
  else if (value === null || value === undefined || value === false) element.removeAttribute(name);
  else element.setAttribute(name, value === true ? "" : String(value));
}

/** Put text into an element only when it changed (so that live regions speak once). @param {Element} element @param {string} value */
export function say(element, value) {
  if (element.textContent !== value) element.textContent = value;
}

/** Replace the children of an element. @param {Element} element @param {...any} children */
export function fill(element, ...children) {
  element.replaceChildren(...children.flat().filter((c) => c !== null && c !== undefined && c !== false));
}

/** An icon of the sprite; decorative unless a label is given. @param {string} name @param {string} [label] @returns {SVGElement} */
export function icon(name, label) {
  const svg = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  svg.setAttribute("class", name === "brand" ? "brand" : "icon");
  use.setAttribute("href", inlined ? `#icon-${name}` : `${SPRITE}#${name}`);
  svg.append(use);
  if (label) {
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", label);
  } else svg.setAttribute("aria-hidden", "true");
  return svg;
}

/**
 * Take the sprite into the page, once: an icon drawn while the server is away must not depend on it. Parsed as SVG,
 * from our own origin; until it is there (or for ever, if it cannot be read) icons point at the file.
 */
async function inlineSprite() {
  const response = await fetch(SPRITE).catch(() => null);
  if (!response?.ok) return void setTimeout(inlineSprite, 5000);
  const sprite = document.importNode(new DOMParser().parseFromString(await response.text(), "image/svg+xml").documentElement, true);
  for (const symbol of sprite.querySelectorAll("symbol")) symbol.id = `icon-${symbol.id}`;
  sprite.setAttribute("class", "sprite");
  sprite.setAttribute("aria-hidden", "true");
  document.body.append(sprite);
  inlined = true;
  for (const use of document.querySelectorAll(`use[href^="${SPRITE}#"]`)) use.setAttribute("href", (use.getAttribute("href") || "").replace(`${SPRITE}#`, "#icon-"));
}
inlineSprite();

/**
 * Build nodes from a tree [tag, attributes, ...children] made by the server out of Markdown (server/content):
 * only these tags and attributes exist, so nothing in an article can run or reach out.
 * @param {any} tree @returns {Node}
 */
export function grow(tree) {
  if (typeof tree === "string") return document.createTextNode(tree);
  const [tag, attributes, ...children] = tree;
  if (!GROWN.has(tag)) return document.createTextNode("");
  const element = document.createElement(tag);
  if (tag === "a" && /^https?:/.test(attributes.href || "")) element.setAttribute("href", attributes.href);
  if (tag === "a") element.setAttribute("rel", "noopener noreferrer");
  element.append(...children.map(grow));
  return element;
}
const GROWN = new Set(["p", "h2", "h3", "ul", "ol", "li", "strong", "em", "a", "br", "hr", "blockquote", "code", "table", "thead", "tbody", "tr", "th", "td"]);

/**
 * A short message at the bottom; with `action` it carries one button (undo). Needs <div class="toasts" role="status">.
 * @param {string} message @param {{ms?: number, action?: {label: string, run: () => void}}} [options] @returns {() => void} closes it
 */
export function toast(message, { ms = 5000, action } = {}) {
  const element = h("div", { class: "toast" }, h("span", null, message));
  const close = () => element.remove();
  if (action) element.append(h("button", { class: "btn", type: "button", on: { click: () => (close(), action.run()) } }, action.label));
  find(".toasts").append(element);
  setTimeout(close, ms);
  return close;
}

/**
 * Open a <dialog> and resolve with the value of the button pressed in it ("" when dismissed).
 * Buttons are <button value="…"> inside <form method="dialog">.
 * @param {HTMLDialogElement} dialog @returns {Promise<string>}
 */
export function ask(dialog) {
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue), { once: true }));
}

/** Run an async handler with the button shown busy and not pressable twice. @param {HTMLElement} button @param {() => Promise<any>} work */
export async function busy(button, work) {
  if (button.getAttribute("aria-busy") === "true") return undefined;
  button.setAttribute("aria-busy", "true");
  try {
    return await work();
  } finally {
    button.removeAttribute("aria-busy");
  }
}
