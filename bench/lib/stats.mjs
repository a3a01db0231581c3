export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Nearest-rank percentiles of a list (p in 0–100); the list is sorted in place. */
export function percentiles(values, wanted) {
  values.sort((a, b) => a - b);
  return Object.fromEntries(
    wanted.map((p) => [`p${p}`, values[Math.min(values.length - 1, Math.ceil((p / 100) * values.length) - 1)] ?? NaN]),
  );
}
