/** Every string inside a value, keys of objects included: they all end up in the database. Not recursive on purpose. */
export function textsOf(value: unknown): string[] {
  const texts: string[] = [];
  const open: unknown[] = [value];
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next === 'string') texts.push(next);
    else if (next instanceof Set || next instanceof Map) continue;
    else if (typeof next === 'object' && next !== null) {
      for (const [key, child] of Object.entries(next)) {
        if (!Array.isArray(next)) texts.push(key);
        open.push(child);
      }
    }
  }
  return texts;
}
