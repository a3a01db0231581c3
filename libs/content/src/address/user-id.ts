import { hasBadUnicode, hasControlCharacter } from '../safety/text-safety.js';

const MAX_USER_ID_LENGTH = 128;

/** What is wrong with a user id, or null. Any printable text of 1–128 characters that UTF-8 and PostgreSQL can carry. */
export function userIdProblem(id: string): string | null {
  if (id === '') return 'the user id is empty';
  if (id.length > MAX_USER_ID_LENGTH) return `the user id is longer than ${MAX_USER_ID_LENGTH} characters`;
  if (hasBadUnicode(id) || hasControlCharacter(id)) return 'the user id holds control or broken characters';
  return id.trim() === '' ? 'the user id is blank' : null;
}

export const isUserId = (id: unknown): id is string => typeof id === 'string' && userIdProblem(id) === null;
