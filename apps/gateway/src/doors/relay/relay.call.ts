import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { RelayError, RelayTokenError } from './relay.codes.js';

/** A token of fewer characters holds no 128 bits: none was ever issued. How long one may be is bounded by what a URL carries. */
const MIN_TOKEN = 20;
/** What counts as a token where nobody has to be registered. */
const MIN_STRANGER_TOKEN = 32;

/** Who calls; the token itself goes no further. Digests in lower-case hex. */
export interface RelayTokenDigests {
  /** MD5: his public id. */
  caller: string;
  /** SHA-256. */
  tokenHash: string;
  /** Let in even if he is not registered. */
  isStranger: boolean;
}

/** A call of the door, its parameters read. */
export interface RelayCall extends RelayTokenDigests {
  type: 'message' | 'blacklist';
  action: 'set' | 'get' | 'del';
  /** The other one; null where none is named. */
  md5Id: string | null;
  /** Customer-service mailbox to drain; null: the own one. */
  key: string | null;
  /** The last batch once more. */
  isAgain: boolean;
}

/** @param isOpen anybody with a long token is let in. @throws RelayError `parameter` */
export function readCall({ method, query, headers }: FastifyRequest, isOpen: boolean): RelayCall {
  if (isFetchedAhead(headers)) throw new RelayError('parameter');
  const given = query as Record<string, unknown>;
  const token = tokenOf(given['token']);
  const type = required(given['type'], isOneOf('message', 'blacklist'));
  const action = required(given['do'], isOneOf('set', 'get', 'del'));
  if (action === 'set' && method !== 'POST') throw new RelayError('parameter');
  // May be empty where everybody is taken off the black list.
  const md5Id = given['md5_id'] === '' && action === 'del' ? null : optional(given['md5_id'], isMd5Id);
  return {
    caller: createHash('md5').update(token).digest('hex'),
    tokenHash: createHash('sha256').update(token).digest('hex'),
    isStranger: isOpen && token.length >= MIN_STRANGER_TOKEN,
    type,
    action,
    md5Id: md5Id?.toLowerCase() ?? null,
    key: optional(given['key'], (value) => value !== '' && value.length <= 64),
    isAgain: optional(given['again'], isOneOf('0', '1')) === '1',
  };
}

/** Browsers and proxies fetch ahead what nobody asked for yet: a mailbox would be emptied for nobody. */
const isFetchedAhead = (headers: FastifyRequest['headers']): boolean =>
  [headers['sec-purpose'], headers.purpose, headers['x-moz']].some(
    (purpose) => purpose !== undefined && /prefetch|prerender|preview/i.test(String(purpose)),
  );

/** @throws RelayError `parameter` */
export function peerOf({ md5Id }: RelayCall): string {
  if (md5Id === null) throw new RelayError('parameter');
  return md5Id;
}

/** @throws RelayTokenError; RelayError `parameter`: two of them */
function tokenOf(given: unknown): string {
  if (given === undefined || given === '') throw new RelayTokenError('missing');
  if (typeof given !== 'string') throw new RelayError('parameter');
  if (given.length < MIN_TOKEN) throw new RelayTokenError('unknown');
  return given;
}

const isMd5Id = (value: string): boolean => /^[0-9a-f]{32}$/i.test(value);

const isOneOf =
  <T extends string>(...words: readonly T[]) =>
  (value: string): value is T =>
    (words as readonly string[]).includes(value);

/** Of a parameter that came twice the parser makes a list: whichever was meant is not ours to guess. */
function required<T extends string>(
  value: unknown,
  accepts: ((value: string) => value is T) | ((value: string) => boolean),
): T {
  if (typeof value !== 'string' || !accepts(value)) throw new RelayError('parameter');
  return value as T;
}

const optional = <T extends string>(value: unknown, accepts: Parameters<typeof required<T>>[1]): T | null =>
  value === undefined ? null : required(value, accepts);
