/** What the store offers, as the kiosk knows it: the service somebody looks at, and whether it can be booked. */

/** The service somebody is about to choose or has chosen, as the last view tells of it. @param {any} state @returns {any} */
export function serviceOf(state) {
  return (state.view?.services || []).find((/** @type {any} */ s) => s.id === state.service) || { id: state.service || "", labels: {}, waiting: 0 };
}

/** Whether this service can be booked here. @param {any} state @param {string|null} service @returns {boolean} */
export function bookable(state, service) {
  return (state.info.bookable || []).includes(service);
}
