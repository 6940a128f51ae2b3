// Draw a whole screen from its view every time, change only what differs on the page: focus, running
// animations, scroll and what a screen reader is saying survive a view per second.

/**
 * Make `live`'s children equal to `fresh`. Elements are matched by `data-key` where there is one, else by
 * place and tag; a matched element keeps its identity.
 * @param {Element} live @param {(Node|null|undefined|false)[]} fresh
 */
export function patch(live, fresh) {
  const wanted = fresh.filter((node) => node instanceof Node);
  const keyed = new Map([...live.children].filter((e) => key(e)).map((e) => [key(e), e]));
  let here = live.firstChild;
  for (const node of wanted) {
    const match = matching(node, here, keyed);
    if (match === null) {
      live.insertBefore(node, here);
      continue;
    }
    if (match !== here && match.contains(document.activeElement)) here = clearedUpTo(match, here);
    if (match === here) here = here.nextSibling;
    else live.insertBefore(match, here);
    morph(match, node);
  }
  while (here) {
    const next = here.nextSibling;
    here.remove();
    here = next;
  }
}

/**
 * What is moved loses the focus, so what stands before the focused node goes instead; what of it is still wanted is put back later.
 * @param {Node} match @param {Node|null} here @returns {Node|null}
 */
function clearedUpTo(match, here) {
  while (here && here !== match) {
    const next = here.nextSibling;
    here.parentNode?.removeChild(here);
    here = next;
  }
  return here;
}

/** @param {Node} node */
const key = (node) => (node instanceof Element ? node.getAttribute("data-key") : null);

/** @param {Node} node @param {Node|null} here @param {Map<string|null, Element>} keyed @returns {Node|null} */
function matching(node, here, keyed) {
  const name = key(node);
  if (name) {
    const found = keyed.get(name) ?? null;
    return found && found.nodeName === node.nodeName ? found : null;
  }
  return here && !key(here) && here.nodeName === node.nodeName ? here : null;
}

/** @param {Node} live @param {Node} fresh */
function morph(live, fresh) {
  if (!(live instanceof Element) || !(fresh instanceof Element)) {
    if (live.nodeValue !== fresh.nodeValue) live.nodeValue = fresh.nodeValue;
    return;
  }
  for (const { name } of [...live.attributes]) if (!fresh.hasAttribute(name) && name !== "style") live.removeAttribute(name);
  for (const { name, value } of fresh.attributes) if (live.getAttribute(name) !== value && name !== "style") live.setAttribute(name, value);
  copyProperties(live, fresh);
  if (!live.hasAttribute("data-own")) patch(live, [...fresh.childNodes]);
}

/** Custom properties go through the CSSOM: the content security policy allows no style attributes. */
function copyProperties(/** @type {any} */ live, /** @type {any} */ fresh) {
  for (const name of fresh.style ?? []) {
    const value = fresh.style.getPropertyValue(name);
    if (live.style.getPropertyValue(name) !== value) live.style.setProperty(name, value);
  }
}
