/**
 * A statement that empties these tables. TRUNCATE would give each of their partitions a new file, and every session would read the
 * catalog and plan its statements anew before the next test.
 * @param tables separated by commas
 */
export function emptying(tables: string): string {
  const [last, ...others] = tables.split(',').map((table) => `DELETE FROM ${table.trim()}`);
  if (others.length === 0) return `${last}`;
  return `WITH ${others.map((deletion, n) => `t${n} AS (${deletion})`).join(', ')} ${last}`;
}
