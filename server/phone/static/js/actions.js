/** What a shopper can ask of the store, sent until it is answered. Each resolves with the new view, or says what went wrong. */
import { Problem, command } from "/static/web/js/api.js";
import { toast } from "/static/web/js/dom.js";
import { has, t } from "/static/web/js/i18n.js";

/** @param {string} token @param {(view: any) => void} onView */
export function actionsOf(token, onView) {
  /** @param {string} verb @param {Record<string, any>} [body] @param {boolean} [quiet] */
  const send = async (verb, body = {}, quiet = false) => {
    try {
      const answer = await command(`/api/v1/ticket/${verb}`, body, { token, onWait: (attempt) => quiet || attempt > 1 || toast(t("phone.sending")) });
      onView(answer.view);
      return true;
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      if (!quiet) toast(has(`errors.${problem.code}`) ? t(`errors.${problem.code}`, problem.facts) : t("phone.refused"));
      return false;
    }
  };
  return {
    away: () => send("away", { minutes: 10 }),
    back: () => send("back"),
    leave: (/** @type {string} */ reason) => send("leave", { reason }),
    seen: () => send("seen", {}, true),
    coming: () => send("coming"),
    content: (/** @type {string} */ item) => send("content", { item }, true),
    service: (/** @type {string} */ service) => send("service", { service }),
    rate: (/** @type {number} */ stars) => send("rate", { stars }),
  };
}
