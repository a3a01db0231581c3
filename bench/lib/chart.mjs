// Bars without a library: ours and the peers, one group a figure.
import { short } from './figures.mjs';

const WIDTH = 860;
const LABEL = 360;
const BAR = 18;
const GAP = 4;
const OURS = '#2563eb';
const PEER = '#94a3b8';

/** SVG text. Only figures with a baseline are drawn: a bar alone says nothing. */
export function chartOf({ suites }) {
  let y = 16;
  const parts = [];
  for (const { title, figures } of suites) {
    const compared = figures.filter((figure) => figure.against.some((peer) => Number.isFinite(peer.value)));
    if (compared.length === 0) continue;
    parts.push(text(8, y + 14, title, 'font-weight="bold" font-size="15"'));
    y += 30;
    for (const figure of compared) {
      const bars = [
        { name: figure.name, value: figure.value, color: OURS },
        ...figure.against.map((peer) => ({ ...peer, color: PEER })),
      ];
      const most = Math.max(...bars.map(({ value }) => value).filter(Number.isFinite));
      for (const { name, value, color } of bars) {
        const length = Number.isFinite(value) ? Math.max(1, (value / most) * (WIDTH - LABEL - 150)) : 0;
        parts.push(text(LABEL - 8, y + 13, name, 'text-anchor="end"'));
        parts.push(`<rect x="${LABEL}" y="${y}" width="${length.toFixed(1)}" height="${BAR}" fill="${color}"/>`);
        parts.push(text(LABEL + length + 6, y + 13, `${short(value)} ${figure.unit}`));
        y += BAR + GAP;
      }
      y += 10;
    }
    y += 8;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${y}" font-family="sans-serif" font-size="12">\n<rect width="100%" height="100%" fill="white"/>\n${parts.join('\n')}\n</svg>\n`;
}

const escape = (words) => words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const text = (x, y, words, attributes = '') =>
  `<text x="${Number(x).toFixed(1)}" y="${y}" ${attributes}>${escape(words)}</text>`;
