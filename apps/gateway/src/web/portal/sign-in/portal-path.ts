const HERE = 'http://portal';
const MAX_LENGTH = 512;

/** Where to go on to after the sign-in: a path of the portal, in the form browsers will make of it; null for anything else. */
export function portalPath(text: unknown): string | null {
  if (typeof text !== 'string' || text.length > MAX_LENGTH || !URL.canParse(text, HERE)) return null;
  const { origin, pathname, search } = new URL(text, HERE);
  return origin === HERE && /^\/portal(?:\/|$)/.test(pathname) ? pathname + search : null;
}
