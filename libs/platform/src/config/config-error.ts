import { AppError } from '#contracts';

/** One thing that is wrong with the environment. `wrong` never holds the value of a secret. */
export interface ConfigProblem {
  name: string;
  wrong: string;
  expected: string;
}

/** Everything that is wrong with the environment, one line each, so that a person corrects it in one go. */
export class ConfigError extends AppError {
  constructor(readonly problems: readonly ConfigProblem[]) {
    const lines = problems.map((p) => `  ${p.name}: ${p.wrong}. Expected: ${p.expected}`);
    super('CONFIG_INVALID', 'invalid', ['The configuration is not usable:', ...lines].join('\n'));
  }
}
