// Runs in the browser, put there by `browser.ts`: what a person with other eyes or another screen would stumble over.

/** @param {string} colour as `getComputedStyle` tells it @returns {[number, number, number, number]} red, green, blue, alpha */
function channels(colour) {
  const [red = 0, green = 0, blue = 0, alpha = 1] = (colour.match(/[\d.]+/g) ?? []).map(Number);
  return [red, green, blue, alpha];
}

/** Relative luminance of WCAG 2. @param {number[]} colour */
function luminance(colour) {
  const [red = 0, green = 0, blue = 0] = colour.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** The first opaque background under an element. @param {Element | null} element */
function backgroundOf(element) {
  for (let at = element; at; at = at.parentElement) {
    const colour = channels(getComputedStyle(at).backgroundColor);
    if (colour[3] === 1) return colour;
  }
  return [255, 255, 255, 1];
}

/** Texts below the contrast of WCAG AA. */
function lowContrast() {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  /** @type {string[]} */
  const found = [];
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (
      !element ||
      !walker.currentNode.textContent?.trim() ||
      element.closest('.hidden, .skip, [hidden], button:disabled')
    )
      continue;
    const style = getComputedStyle(element);
    const [light, dark] = [luminance(channels(style.color)), luminance(backgroundOf(element))].sort((a, b) => b - a);
    const ratio = ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (isLarge ? 3 : 4.5)) found.push(`${ratio.toFixed(2)} ${walker.currentNode.textContent.trim()}`);
  }
  return found;
}

/** Elements that stick out of a narrow screen. */
function stickingOut() {
  const width = document.documentElement.clientWidth;
  const all = [...document.querySelectorAll('body *:not(.skip)')];
  const wide = all.filter(
    (element) => element.getBoundingClientRect().right > width + 0.5 && !element.closest('.rich'),
  );
  return document.documentElement.scrollWidth > width
    ? ['the page', ...wide.map((element) => element.outerHTML.slice(0, 80))]
    : [];
}

/** What can be pressed and is too small for a finger: less than 24 px in a direction, unless it stands in a line of text. */
function tooSmall() {
  const pressed = document.querySelectorAll('button, .button, .tabs a, .row, input, textarea');
  return [...pressed]
    .filter((element) => element.checkVisibility() && !element.matches('.link'))
    .filter((element) => Math.min(element.clientWidth, element.clientHeight) < 24)
    .map((element) => element.outerHTML.slice(0, 80));
}

Object.assign(window, { audit: { lowContrast, stickingOut, tooSmall } });
