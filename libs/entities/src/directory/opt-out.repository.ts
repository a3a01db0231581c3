import { Injectable } from '@nestjs/common';
import { Database } from '../connection/database.js';

/** People who want nothing from an app. Who is unknown to the directory cannot have left anything. */
@Injectable()
export class OptOutRepository {
  constructor(private readonly database: Database) {}

  /** For each question: which of these users have left the app. */
  async leftApp(questions: readonly { appId: string; userIds: readonly string[] }[]): Promise<Set<string>[]> {
    const rows = await this.database.query<{ question: number; user_id: string }>(
      `SELECT q.question, q.user_id FROM unnest($1::text[], $2::text[], $3::int[]) AS q(app_id, user_id, question)
        WHERE (SELECT true FROM opt_out o WHERE o.user_id = q.user_id AND o.kind = 'app' AND o.value = q.app_id)`,
      [
        questions.flatMap(({ appId, userIds }) => userIds.map(() => appId)),
        questions.flatMap(({ userIds }) => userIds),
        questions.flatMap(({ userIds }, question) => userIds.map(() => question)),
      ],
      'left_app',
    );
    const left = questions.map(() => new Set<string>());
    for (const row of rows) left[row.question]?.add(row.user_id);
    return left;
  }
}
