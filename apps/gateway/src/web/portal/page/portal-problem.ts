import { AppError, type ErrorKind } from '#contracts';

/** Why a page is not shown or an action not done; each has its words in `words.ts`. */
const PROBLEMS = {
  forged: { kind: 'forbidden', status: 403 },
  expired: { kind: 'forbidden', status: 410 },
  not_found: { kind: 'not_found', status: 404 },
  no_page: { kind: 'not_found', status: 404 },
  cross_site: { kind: 'forbidden', status: 403 },
  bad_reply: { kind: 'invalid', status: 400 },
  no_replies: { kind: 'conflict', status: 409 },
  too_many_replies: { kind: 'conflict', status: 409 },
} as const satisfies Record<string, { kind: ErrorKind; status: number }>;

export type ProblemName = keyof typeof PROBLEMS;

export class PortalProblem extends AppError {
  readonly status: number;

  constructor(readonly problem: ProblemName) {
    super(`portal_${problem}`, PROBLEMS[problem].kind, 'The portal does not show or do this.');
    this.status = PROBLEMS[problem].status;
  }
}
