// What cannot be taken back is asked first: one dialog with what it does, and the way out of it under the finger.

import { ask, h } from "./dom.js";

/**
 * Ask before something that nobody can undo. Escape and the way out say no; the focus is on the way out, and goes back to where it was.
 * @param {{title: string, text?: string, yes: string, no: string}} words @returns {Promise<boolean>}
 */
export async function sure({ title, text, yes, no }) {
  const dialog = /** @type {HTMLDialogElement} */ (h("dialog", { class: "sheet", "aria-labelledby": "question", "data-sheet": "sure" },
    h("form", { method: "dialog", class: "stack" }, h("h2", { id: "question" }, title), text && h("p", {}, text),
      h("button", { class: "btn btn-stop btn-wide", value: "yes" }, yes), h("button", { class: "btn btn-wide", value: "", autofocus: true }, no))));
  document.body.append(dialog);
  try {
    return (await ask(dialog)) === "yes";
  } finally {
    dialog.remove();
  }
}
