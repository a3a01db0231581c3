// A figure with its baselines beside it: how it is kept, printed and drawn.

/**
 * @typedef {{ name: string, value: number, ratio: number, goal?: { atLeast?: number, atMost?: number }, isMet?: boolean }} Against
 * @typedef {{ name: string, value: number, unit: string, details?: Record<string, number | string>, against: Against[] }} Figure
 */

/** @returns {Figure} `baselines`: `{ name, value, goal? }`; the ratio is ours divided by theirs */
export function figure(name, value, unit, { details = {}, baselines = [] } = {}) {
  const against = baselines.map(({ name: peer, value: theirs, goal }) => {
    const ratio = value / theirs;
    return { name: peer, value: theirs, ratio, ...(goal && { goal, isMet: isMet(ratio, goal) }) };
  });
  return { name, value, unit, details, against };
}

/** A bound on the figure itself. */
export const bounded = (name, value, unit, goal, details = {}) => ({
  ...figure(name, value, unit, { details }),
  goal,
  isMet: isMet(value, goal),
});

const isMet = (value, { atLeast = -Infinity, atMost = Infinity }) => value >= atLeast && value <= atMost;

export function sayFigure({ name, value, unit, details, against, goal, isMet: isBoundMet }) {
  const extra = Object.entries(details).map(([key, text]) => `${key} ${typeof text === 'number' ? short(text) : text}`);
  console.log(
    `  ${name}: ${short(value)} ${unit}${goal ? `  ${verdict(goal, isBoundMet)}` : ''}${extra.length ? `  (${extra.join(', ')})` : ''}`,
  );
  for (const peer of against) {
    console.log(
      `      against ${peer.name}: ${short(peer.value)} ${unit}  = ${peer.ratio.toFixed(2)} ×  ${verdict(peer.goal, peer.isMet)}`,
    );
  }
}

export function verdict(goal, met) {
  if (!goal) return '';
  const text = goal.atLeast === undefined ? `≤ ${goal.atMost}` : `≥ ${goal.atLeast}`;
  return `[goal ${text}: ${met ? 'met' : 'MISSED'}]`;
}

/** Three digits that matter. */
export function short(value) {
  if (!Number.isFinite(value)) return '–';
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}
