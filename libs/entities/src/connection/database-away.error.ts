import pg from 'pg';
import { QueryFailedError } from 'typeorm';
import { AppError } from '#contracts';
import { sqlStateOf } from './sql-state.js';

/**
 * SQLSTATEs of a server that cannot answer now, whoever asks: connection lost (08, but not 08P01, which is ours), a standby
 * that is not promoted yet (25006), out of connections, memory or disk (53), ended or cancelled by a timeout (57), not in the
 * state for it (55000), a lock not had in time (55P03), failing disk (58).
 */
const AWAY_STATE = /^(?:08(?!P01)|25006|53|57|58|55000|55P03)/;
const LINK_ERRORS = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EHOSTUNREACH']);

/** The database, not the request, is why it failed: it may do later. Whether a COMMIT under way stood is not known. */
export class DatabaseAwayError extends AppError {
  /** Code of the server or of the link; undefined: there was none. */
  readonly reason: string | undefined;

  constructor(cause: unknown) {
    super('DATABASE_AWAY', 'transient', 'The database does not answer at the moment.', {}, { cause });
    this.reason = sqlStateOf(cause);
  }
}

/** Also of what comes straight from TypeORM or from the driver. */
export function isDatabaseAway(error: unknown): boolean {
  if (error instanceof DatabaseAwayError) return true;
  const code = sqlStateOf(error);
  if (code !== undefined) return AWAY_STATE.test(code) || LINK_ERRORS.has(code);
  // What the server did not say itself was said by a link that is gone.
  return error instanceof QueryFailedError && !(error.driverError instanceof pg.DatabaseError);
}
