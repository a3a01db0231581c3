/** Every string that is a value somewhere inside, one at a time, without what things are called. Not recursive on purpose. */
export function* textsIn(value: unknown): Generator<string> {
  const open: unknown[] = [value];
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next === 'string') yield next;
    else if (typeof next === 'object' && next !== null) for (const child of Object.values(next)) open.push(child);
  }
}

/**
 * True when one of the strings inside is as asked for, keys of objects included: they all end up in the database. Not recursive on
 * purpose; makes no list of them.
 */
export function hasText(value: unknown, isAskedFor: (text: string) => boolean): boolean {
  if (typeof value === 'string') return isAskedFor(value);
  if (typeof value !== 'object' || value === null) return false;
  const open: unknown[] = [value];
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next !== 'object' || next === null || next instanceof Set || next instanceof Map) continue;
    const isList = Array.isArray(next);
    const node = next as Record<string, unknown>;
    for (const key of Object.keys(node)) {
      if (!isList && isAskedFor(key)) return true;
      const child = node[key];
      if (typeof child === 'string') {
        if (isAskedFor(child)) return true;
      } else if (typeof child === 'object' && child !== null) open.push(child);
    }
  }
  return false;
}
