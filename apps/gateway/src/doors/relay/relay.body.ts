import { hasBadUnicode } from '#content';
import type { RelayBody } from '#contracts';
import { HTTP_LIMITS } from '#platform';
import { decodeText, parseJsonObject } from '../../http/raw-body.js';
import { RelayError } from './relay.codes.js';

const MAX_CONTENT = 2000;
const MAX_NICKNAME = 64;
const MAX_URL = 1024;
const MAX_TYPE = 64;

/** Of the form of a URL: what the scheme means is between those who write to each other. */
const URL_FORM = /^[a-z][a-z0-9+.-]*:\/\/[^\s\p{Cc}]+$/iu;

export interface RelayedMessage {
  body: RelayBody;
  /** Empty: none given. */
  redirect: string;
}

/** How somebody is shown in a black list. */
export interface ShownPerson {
  nickname?: string;
  icon?: string;
}

/** @throws RelayError `parameter`, BodyError */
export function readMessage(raw: unknown): RelayedMessage {
  const given = readObject(raw);
  const content = textOf(given['content'], MAX_CONTENT);
  if (!content) throw new RelayError('parameter');
  const type = typeOf(given['type']);
  return {
    body: { content, ...shownPerson(given), ...(type === undefined ? {} : { type }) },
    redirect: urlOf(given['redirect']) ?? '',
  };
}

/** @throws RelayError `parameter`, BodyError */
export const readPerson = (raw: unknown): ShownPerson => shownPerson(readObject(raw));

/** The published example of a black-list entry ends with a comma that JSON does not allow. */
function readObject(raw: unknown): Record<string, unknown> {
  const text = decodeText(raw);
  return parseJsonObject(text.replace(/,\s*\}\s*$/, '}'), HTTP_LIMITS.jsonDepth);
}

function shownPerson(given: Record<string, unknown>): ShownPerson {
  const nickname = textOf(given['nickname'], MAX_NICKNAME);
  const icon = urlOf(given['icon']);
  return { ...(nickname === undefined ? {} : { nickname }), ...(icon === undefined ? {} : { icon }) };
}

/** Clients write null for what they do not have. */
function textOf(value: unknown, maxLength: number): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string' || Array.from(value).length > maxLength || hasBadUnicode(value)) {
    throw new RelayError('parameter');
  }
  return value;
}

function urlOf(value: unknown): string | undefined {
  const text = textOf(value, MAX_URL);
  if (text && !URL_FORM.test(text)) throw new RelayError('parameter');
  return text;
}

const typeOf = (value: unknown): string | number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : textOf(value, MAX_TYPE);
