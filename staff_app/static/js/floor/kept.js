// How often the wait that was told came true: one figure, asked for now and then.

import { get, h, number, t } from "../shared.js";
import { serviceName } from "../words.js";

const EVERY_MS = 60_000;

export class Kept {
  /** @type {any} */ figures = null;

  /** @param {string} base @param {() => void} changed */
  constructor(base, changed) {
    const ask = () => void get(`${base}/promises`).then(({ body }) => ((this.figures = body), changed()), () => undefined);
    this.asking = setInterval(ask, EVERY_MS);
    ask();
  }

  stop() {
    clearInterval(this.asking);
  }
}

/** @param {any} view @param {any} figures */
export function kept(view, figures) {
  const { today, month, prior } = figures ?? { today: null, month: null, prior: [] };
  const share = today?.kept_share ?? null;
  const sub = [
    share === null ? t("manager.kept_none") : t("manager.kept_today", { n: today.promises }),
    month?.kept_share != null && t("manager.kept_month", { share: percent(month.kept_share) }),
    rests(view, prior),
  ];
  return h("div", { class: "figure", "data-figure": "kept", "data-mood": "" },
    h("dt", {}, t("manager.kept")), h("dd", {}, h("span", { class: "figure-value figures" }, share === null ? "–" : percent(share)),
      h("span", { class: "figure-sub" }, sub.filter(Boolean).join(" · "))));
}

/** Services that have taught too little yet: two are named, many are not. @param {any} view @param {string[]} prior */
function rests(view, prior) {
  if (prior.length === 0) return "";
  if (prior.length > 2) return t("manager.kept_priors", { n: prior.length, of: view.services.length });
  return t("manager.kept_prior", { services: prior.map((id) => serviceName(view, id)).join(", ") });
}

/** @param {number} share */
const percent = (share) => t("manager.percent", { n: number(Math.round(share * 100)) });
