/**
 * How this device likes to see things: theme (light, dark, automatic), contrast, size; kept on the device. The
 * address can force them (?theme=dark&contrast=more&size=large), which is how a board or a kiosk is set up.
 */

const NAMES = ["theme", "contrast", "size", "reach"];

/** Apply what the address, then the device, asks for. Call first. */
export function apply() {
  const asked = new URLSearchParams(location.search);
  for (const name of NAMES) use(name, asked.get(name) ?? recall(`avous.${name}`));
}

/** Set one preference now, without keeping it. @param {string} name @param {string|null} value null: automatic */
export function use(name, value) {
  if (value) document.documentElement.dataset[name] = value;
  else delete document.documentElement.dataset[name];
}

/** Keep a small value on this device (nothing happens where storage is refused). @param {string} key @param {string|null} value */
export function keep(key, value) {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // Private windows may refuse storage: the page works without memory.
  }
}

/** What was kept, or null. @param {string} key @returns {string|null} */
export function recall(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}
