import { validateSync, type ValidationError } from 'class-validator';
import { ConfigError, type ConfigProblem } from './config-error.js';
import { readSetting, type Env } from './read-setting.js';
import { settingsOf, type SettingField } from './setting.js';

export type ConfigClass<T extends object = object> = new () => T;

/**
 * Reads a config class from the environment: defaults, then variables (`<NAME>_FILE` for secrets), then the class-validator rules.
 * @throws ConfigError listing every problem of the class
 */
export function loadConfig<T extends object>(configClass: ConfigClass<T>, env: Env = process.env): T {
  const { config, problems } = readConfig(configClass, env);
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

/** Every problem of every class, so that a person hears of all of them at once. */
export const configProblems = (configClasses: readonly ConfigClass[], env: Env): ConfigProblem[] =>
  configClasses.flatMap((configClass) => readConfig(configClass, env).problems);

function readConfig<T extends object>(configClass: ConfigClass<T>, env: Env): { config: T; problems: ConfigProblem[] } {
  const config = new configClass();
  const values = config as Record<string, unknown>;
  const problems: ConfigProblem[] = [];
  const fields = new Map(settingsOf(configClass).map((field) => [field.name, field]));
  for (const field of fields.values()) {
    const read = readSetting(field, values[field.name], env);
    if ('wrong' in read) {
      problems.push({ name: field.name, wrong: read.wrong, expected: field.description });
    } else if (read.value !== undefined) {
      values[field.name] = read.value;
    }
  }
  const reported = new Set(problems.map((p) => p.name));
  for (const error of validateSync(config)) {
    const field = fields.get(error.property);
    if (field && !reported.has(field.name)) problems.push(problemOf(field, error));
  }
  return { config, problems };
}

function problemOf(field: SettingField, error: ValidationError): ConfigProblem {
  if (error.value === undefined) return { name: field.name, wrong: 'is not set', expected: field.description };
  const rules = Object.values(error.constraints ?? {}).map((text) =>
    text.replace(`each value in ${field.name} `, 'each value ').replace(`${field.name} `, ''),
  );
  const got = field.secret ? '' : ` (got ${JSON.stringify(error.value).slice(0, 200)})`;
  return { name: field.name, wrong: rules.join('; ') + got, expected: field.description };
}
