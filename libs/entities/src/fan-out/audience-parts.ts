/**
 * Parts of a large audience in the order in which they are taken: people of the directory, devices by their tokens, devices by
 * their owners, addresses of people outside the directory.
 */
const PARTS = ['people', 'tokens', 'owners', 'addresses'] as const;
export type AudiencePart = (typeof PARTS)[number];

/** First letters of cursors, and where each part begins: before the first id, or before the first entry of its list. */
const CURSORS: Readonly<Record<AudiencePart, readonly [letter: string, start: string]>> = {
  people: ['u', ''],
  tokens: ['t', '0'],
  owners: ['d', ''],
  addresses: ['a', '0'],
};

export interface AudiencePlace {
  part: AudiencePart;
  /** User id, or number of entries, that were taken before. */
  from: string;
  /** Cursor of the beginning of the part that follows; null: none does. */
  next: string | null;
}

export const cursorAt = (part: AudiencePart, from: string): string => `${CURSORS[part][0]}:${from}`;

/** Where a fan-out goes on. @param present the parts that the audience has; one that has none is through with its (no) addresses */
export function placeAt(cursor: string | null, present: ReadonlySet<AudiencePart>): AudiencePlace {
  const there = PARTS.filter((part) => present.has(part));
  const part = PARTS.find((one) => cursor?.startsWith(cursorAt(one, ''))) ?? there[0] ?? 'addresses';
  const following = there.find((one) => PARTS.indexOf(one) > PARTS.indexOf(part));
  return {
    part,
    from: cursor?.slice(2) ?? CURSORS[part][1],
    next: following === undefined ? null : cursorAt(following, CURSORS[following][1]),
  };
}
