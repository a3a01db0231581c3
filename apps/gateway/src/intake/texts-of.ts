/** Every string inside a value, keys of objects included: they all end up in the database. */
export function textsOf(value: unknown): string[] {
  const texts: string[] = [];
  hasText(value, (text) => {
    texts.push(text);
    return false;
  });
  return texts;
}

/** True when one of the strings that `textsOf` finds is as asked for. Not recursive on purpose; makes no list of them. */
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
