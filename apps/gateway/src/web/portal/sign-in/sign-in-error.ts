import { AppError } from '#contracts';

/** Why nobody was signed in; each has its words on the page. */
export const SIGN_IN_PROBLEMS = {
  /** The page was left open for too long, or the answer belongs to another browser. */
  stale: 'invalid',
  /** The issuer said no, or what came back is not what was asked for. */
  refused: 'forbidden',
  unreachable: 'transient',
  /** The issuer tells nothing that could be a user id. */
  no_user_id: 'forbidden',
  /** A one-time link was used already, or too late. */
  spent: 'forbidden',
} as const;

export type SignInProblem = keyof typeof SIGN_IN_PROBLEMS;

export class SignInError extends AppError {
  /** @param reason code of what went wrong, for the log; never what the issuer told of a person */
  constructor(
    readonly problem: SignInProblem,
    readonly reason: string,
  ) {
    super(`sign_in_${problem}`, SIGN_IN_PROBLEMS[problem], 'Nobody was signed in.', { reason });
  }
}
