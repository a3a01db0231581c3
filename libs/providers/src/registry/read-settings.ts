import 'reflect-metadata';
import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';
import { AppError } from '#contracts';

/** One thing wrong with an account's settings, said to the administrator. Never holds the value. */
export interface SettingsProblem {
  field: string;
  detail: string;
}

/** Instance of the settings class with its defaults filled in, and everything that is wrong with it. */
function checked<T extends object>(
  type: new () => T,
  raw: Record<string, unknown>,
): { settings: T; problems: SettingsProblem[] } {
  const settings = plainToInstance(type, raw, { exposeDefaultValues: true });
  const errors = validateSync(settings, { whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: false });
  return { settings, problems: errors.flatMap((error) => problemsOf(error)) };
}

/** Fields of nested settings are named by their path. */
function problemsOf({ property, constraints, children }: ValidationError, path = ''): SettingsProblem[] {
  const field = path + property;
  const own = Object.entries(constraints ?? {}).map(([rule, detail]) => ({
    field,
    detail: rule === 'whitelistValidation' ? `${property} is not a setting of this provider` : detail,
  }));
  return [...own, ...(children ?? []).flatMap((child) => problemsOf(child, `${field}.`))];
}

export const settingsProblemsOf = (type: new () => object, raw: Record<string, unknown>): SettingsProblem[] =>
  checked(type, raw).problems;

/** Settings as the adapter uses them. Throws `bad_provider_settings` (permanent) that names every problem. */
export function readSettings<T extends object>(type: new () => T, raw: Record<string, unknown>): T {
  const { settings, problems } = checked(type, raw);
  if (problems.length > 0) {
    const message = `the provider's settings are wrong: ${problems.map((p) => p.detail).join('; ')}`;
    throw new AppError('bad_provider_settings', 'permanent', message, { problems });
  }
  return settings;
}
