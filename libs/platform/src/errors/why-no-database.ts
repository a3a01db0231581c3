import { AppError } from '#contracts';
import { DatabaseConfig } from '../config/database.config.js';
import { loadConfig } from '../config/load-config.js';
import type { Env } from '../config/read-setting.js';

/**
 * What to do about an error of the database that stopped a start, in one sentence that names DATABASE_URL and never shows its
 * password. At a start nothing else is waited for over the network, so a connection that fails is one to the database.
 * Null: it is no such error.
 */
export function whyNoDatabase(error: unknown, env: Env = process.env): string | null {
  const { code, isFromServer, isConnecting } = traitsOf(error);
  if (code === undefined || !(isFromServer || isConnecting)) return null;
  const { host, place, database } = targetOf(env);
  if (isConnecting) {
    return code === 'ENOTFOUND' || code === 'EAI_AGAIN'
      ? `The host ${host} of DATABASE_URL is not known (${code}): correct DATABASE_URL, or the name service.`
      : `PostgreSQL does not answer at ${place}, where DATABASE_URL points (${code}): start it, or correct DATABASE_URL.`;
  }
  if (code.startsWith('28')) {
    return `PostgreSQL at ${place} does not let in the user of DATABASE_URL (${code}): correct user and password there.`;
  }
  if (code === '3D000') {
    return `PostgreSQL at ${place} has no database ${database}: create it, or correct DATABASE_URL.`;
  }
  if (SCHEMA_MISSING.has(code)) {
    return `The database at DATABASE_URL does not have the schema of this version (${code}): run "npm run migrate", or the image with dist/bundle/migrate.js.`;
  }
  if (/^(?:08|53|57P)/.test(code)) {
    return `PostgreSQL at ${place}, where DATABASE_URL points, takes no connections now (${code}): try again, or see its log.`;
  }
  return null;
}

/** SQLSTATEs of a table, a column, a function or a schema that is not there. */
const SCHEMA_MISSING: ReadonlySet<string> = new Set(['42P01', '42703', '42883', '3F000']);

interface Traits {
  code: string | undefined;
  /** PostgreSQL itself has answered; `code` is a SQLSTATE. */
  isFromServer: boolean;
  /** There is no connection; `code` is one of the operating system. */
  isConnecting: boolean;
}

function traitsOf(error: unknown): Traits {
  // An error of ours only says that there was one of the database.
  const said: unknown = error instanceof AppError ? error.cause : error;
  // A name with several addresses fails with one error for each.
  const one: unknown = said instanceof AggregateError ? said.errors[0] : said;
  const { code, syscall, severity } = (one ?? {}) as { code?: unknown; syscall?: unknown; severity?: unknown };
  return {
    code: typeof code === 'string' ? code : undefined,
    isFromServer: typeof severity === 'string',
    isConnecting: syscall === 'connect' || syscall === 'getaddrinfo',
  };
}

function targetOf(env: Env): { host: string; place: string; database: string } {
  const { hostname, port, pathname } = new URL(loadConfig(DatabaseConfig, env).url);
  const host = decodeURIComponent(hostname);
  return { host, place: `${host}:${port || 5432}`, database: decodeURIComponent(pathname.slice(1)) };
}
