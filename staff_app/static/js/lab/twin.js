// Asking the twin over HTTP: a question with an id of its own, then looks until it is answered.

import { command, get, Problem, uuid } from "/static/web/js/api.js";
import { language } from "../shared.js";

const LOOK_MS = 400;
const TRIES = 8;
const OVER = new Set(["done", "failed", "stopped"]);

/** GET that may take long the first time: the server goes on learning while we ask again. @param {string} path */
export async function patient(path) {
  for (let n = 1; ; n += 1) {
    try {
      return await get(path);
    } catch (problem) {
      if (!(problem instanceof Problem) || (problem.code !== "offline" && problem.status !== 503) || n >= TRIES) throw problem;
      await new Promise((next) => setTimeout(next, LOOK_MS));
    }
  }
}

export class Twin {
  /** @type {string|null} */ run = null;

  /** @param {string} base @param {(view: any) => void} told every state of the latest run, and only of that one */
  constructor(base, told) {
    this.base = base;
    this.told = told;
  }

  /** Ask; whoever asked before gets no more answers. @param {Record<string, unknown>} question */
  async ask(question) {
    const id = uuid();
    this.run = id;
    this.told({ run: id, state: "waiting", done: 0, total: 1 });
    try {
      let view = await command(`${this.base}/runs`, { id, language: language(), ...question });
      while (this.run === id && !OVER.has(view.state)) {
        this.told(view);
        await new Promise((next) => setTimeout(next, LOOK_MS));
        ({ body: view } = await patient(`${this.base}/runs/${id}`));
      }
      if (this.run === id) this.told(view);
    } catch (problem) {
      if (this.run === id) this.told({ run: id, state: "failed", done: 0, total: 1, trouble: problem instanceof Problem ? problem.message : String(problem), status: problem instanceof Problem ? problem.status : 0 });
    }
  }

  /** End the run there is. */
  async stop() {
    if (this.run) await command(`${this.base}/runs/${this.run}/stop`, {}).catch(() => undefined);
  }

  /** A roster as a file. @param {string} choice @param {"csv"|"ics"} format @param {any[]} shifts */
  async file(choice, format, shifts) {
    const headers = { "Content-Type": "application/json", "X-Avous": "1" };
    const body = JSON.stringify({ id: uuid(), choice, format, shifts: shifts.map(({ name, kind, skills, start_min, end_min, break_min, paid_hours }) => ({ name, kind, skills, start_min, end_min, break_min, paid_hours })) });
    const response = await fetch(`${this.base}/roster`, { method: "POST", headers, body });
    if (!response.ok) throw new Problem({ code: "http", ...(await response.json().catch(() => ({}))) });
    return { blob: await response.blob(), name: /filename="([^"]+)"/.exec(response.headers.get("Content-Disposition") ?? "")?.[1] ?? `roster.${format}` };
  }
}
