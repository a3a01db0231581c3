import { hasBadUnicode } from '#content';

/**
 * Path of the first text (or field name) that the database cannot hold: NUL, or half a surrogate pair. Null when all is
 * well. The depth is bounded by the decoder of bodies.
 */
export function findBadText(value: unknown, path = ''): string | null {
  if (typeof value === 'string') return hasBadUnicode(value) ? path : null;
  if (typeof value !== 'object' || value === null) return null;
  const isList = Array.isArray(value);
  for (const [key, inner] of Object.entries(value)) {
    if (hasBadUnicode(key)) return path;
    const found = findBadText(inner, isList ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`);
    if (found !== null) return found;
  }
  return null;
}
