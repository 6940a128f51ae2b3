// Plans kept on this device, to come back to and to compare: a dozen per store.

import { keep, recall } from "../shared.js";

const MOST = 12;

/** @typedef {{name: string, choice: string, counts: Record<string, number[]>, paid_hours: number, unanswered_share: number, ci95: number[], difference: any}} Plan */

export class Plans {
  /** @param {string} store */
  constructor(store) {
    this.key = `avous.lab.${store}`;
    /** @type {Plan[]} */ this.all = this.#read();
  }

  /** @param {Plan} plan a plan of the same name and day is replaced */
  add(plan) {
    this.all = [plan, ...this.all.filter((old) => old.name !== plan.name || old.choice !== plan.choice)].slice(0, MOST);
    keep(this.key, JSON.stringify(this.all));
  }

  /** @param {Plan} plan */
  forget(plan) {
    this.all = this.all.filter((other) => other !== plan);
    keep(this.key, JSON.stringify(this.all));
  }

  /** Those of one day. @param {string} choice */
  of(choice) {
    return this.all.filter((plan) => plan.choice === choice);
  }

  #read() {
    try {
      const kept = JSON.parse(recall(this.key) ?? "[]");
      return Array.isArray(kept) ? kept.filter((plan) => typeof plan?.name === "string" && plan.counts) : [];
    } catch {
      return [];
    }
  }
}
