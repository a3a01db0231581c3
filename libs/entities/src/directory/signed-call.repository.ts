import { Injectable } from '@nestjs/common';
import { Database } from '../connection/database.js';

/** A signed call that opens a door once. */
export interface SignedCallOnce {
  appId: string;
  /** Epoch ms, as signed. */
  signedMs: number;
  /** Hex. */
  token: string;
}

/** Signed calls that were let in, over all replicas, while their time stamp would still let them in again. */
@Injectable()
export class SignedCallRepository {
  constructor(private readonly database: Database) {}

  /**
   * Remembers calls; `answer[i]`: call `i` had not been seen before. Of equal calls in one question the first is new.
   * @param keepS seconds after which nobody would let it in any more
   */
  async firstOf(calls: readonly SignedCallOnce[], keepS: number): Promise<boolean[]> {
    const rows = await this.database.query<{ place: number }>(
      `WITH given AS (
         SELECT DISTINCT ON (app_id, signed_ms, token) app_id, signed_ms, decode(token, 'hex') AS token, place
           FROM unnest($1::text[], $2::bigint[], $3::text[]) WITH ORDINALITY AS g(app_id, signed_ms, token, place)
          ORDER BY app_id, signed_ms, token, place
       ), added AS (
         INSERT INTO signed_call (app_id, signed_ms, token, forget_at)
         SELECT app_id, signed_ms, token, now() + $4::int * interval '1 second' FROM given
         ON CONFLICT DO NOTHING RETURNING app_id, signed_ms, token
       )
       SELECT place::int FROM given JOIN added USING (app_id, signed_ms, token)`,
      [calls.map((call) => call.appId), calls.map((call) => call.signedMs), calls.map((call) => call.token), keepS],
      'first_signed_call',
    );
    const first = new Set(rows.map((row) => row.place - 1));
    return calls.map((_call, i) => first.has(i));
  }
}
