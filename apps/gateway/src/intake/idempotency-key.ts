import type { Door } from '#contracts';

/** Only keys of other doors begin so. */
const OF_A_DOOR = /^(?:native|msg|psp):/;

/**
 * A caller's key as it is kept: the same word at two doors of an app is two keys. The native interface keeps its keys as they are, but
 * for those that look like another door's.
 */
export const idempotencyKeyOf = (door: Extract<Door, 'native' | 'msg' | 'psp'>, key: string): string =>
  door === 'native' && !OF_A_DOOR.test(key) ? key : `${door}:${key}`;
