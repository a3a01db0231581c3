// How long a text takes to be searched for sensitive words, however they are written, against looking for each as it stands.
import { join } from 'node:path';
import { ROOT } from '../scripts/lib/project.mjs';
import { bounded, figure } from './lib/figures.mjs';
import { median } from './lib/stats.mjs';

const WORDS = 20_000;
const TEXT_LENGTH = 2_000;
const TEXTS = 20;
const GOAL_MS = 1;
const FIRST_HAN = 0x4e00;
/** Characters in everyday use: words and texts are made of the same ones, so that many words nearly match. */
const HAN = 3_000;

/** @returns {Promise<{ figures: object[], facts: string[] }>} */
export async function sensitiveWords({ seconds, rounds }) {
  const { SensitiveWordMatcher } = await import(
    join(ROOT, 'dist/libs/content/src/sensitive/sensitive-word-matcher.js')
  );
  const draw = generator(42);
  const words = [...wordList(draw)];
  const startedAt = performance.now();
  const matcher = SensitiveWordMatcher.build(words);
  const buildMs = performance.now() - startedAt;
  const texts = Array.from({ length: TEXTS }, () => cleanText(draw, matcher));
  const folded = words.map((word) => word.toLowerCase());
  const plainLoop = (text) => {
    const lower = text.toLowerCase();
    return folded.some((word) => lower.indexOf(word) >= 0);
  };
  const rates = { ours: [], plain: [] };
  for (let round = 1; round <= rounds; round++) {
    rates.ours.push(perSecond((text) => matcher.find(text) !== null, texts, seconds));
    rates.plain.push(perSecond(plainLoop, texts, seconds));
    console.log(
      `  round ${round}/${rounds}  ours ${rates.ours.at(-1).toFixed(0)}/s, plain ${rates.plain.at(-1).toFixed(0)}/s`,
    );
  }
  const ours = median(rates.ours);
  return {
    figures: [
      bounded('one text', 1000 / ours, 'ms', { atMost: GOAL_MS }, { 'ms to build the list': buildMs }),
      figure('texts searched', ours, 'texts/s', {
        baselines: [{ name: 'plain indexOf loop', value: median(rates.plain), goal: { atLeast: 1 } }],
      }),
    ],
    facts: [
      `${WORDS} words of 2 to 6 characters, texts of ${TEXT_LENGTH} characters that hold none of them, one thread`,
      'the plain loop folds case only and sees no word with something between its letters',
    ],
  };
}

function perSecond(search, texts, seconds) {
  const startedAt = performance.now();
  let searched = 0;
  while (performance.now() - startedAt < seconds * 1000) {
    for (const text of texts) if (search(text)) throw new Error('a clean text was found to hold a word');
    searched += texts.length;
  }
  return (searched / (performance.now() - startedAt)) * 1000;
}

/** Half of them Chinese, half of Latin letters. */
function wordList(draw) {
  const words = new Set();
  while (words.size < WORDS) {
    const isHan = words.size % 2 === 0;
    const length = 2 + Math.floor(draw() * 5);
    words.add(Array.from({ length: isHan ? length : length + 3 }, () => (isHan ? han(draw) : latin(draw))).join(''));
  }
  return words;
}

/** The same characters with spaces and punctuation; what happens to hold a word is broken up. */
function cleanText(draw, matcher) {
  let text = Array.from({ length: TEXT_LENGTH }, () => {
    const kind = draw();
    return kind < 0.7 ? han(draw) : kind < 0.9 ? latin(draw) : kind < 0.95 ? ' ' : '，';
  }).join('');
  for (let match; (match = matcher.find(text));) text = text.slice(0, match.start) + '0' + text.slice(match.start + 1);
  return text;
}

const han = (draw) => String.fromCharCode(FIRST_HAN + Math.floor(draw() * HAN));
const latin = (draw) => String.fromCharCode(97 + Math.floor(draw() * 26));

/** The same numbers in every run (mulberry32). */
function generator(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
