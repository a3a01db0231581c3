import { readFileSync } from 'node:fs';
import type { SettingField } from './setting.js';

export type Env = Readonly<Record<string, string | undefined>>;
type SettingValue = string | number | boolean | string[];
export type ReadResult = { value: SettingValue | undefined } | { wrong: string };

const BOOLEANS: Readonly<Record<string, boolean>> = {
  on: true,
  true: true,
  '1': true,
  off: false,
  false: false,
  '0': false,
};
const FILE_LIMIT_BYTES = 64 * 1024;

/** Reads one variable and converts it. `undefined` = not set; an empty variable counts as not set (compose files pass those). */
export function readSetting(field: SettingField, fallback: unknown, env: Env): ReadResult {
  const text = readText(field, env);
  if ('wrong' in text || text.value === undefined) return text;
  return convert(text.value, kindOf(field, fallback), field.secret === true);
}

function readText(field: SettingField, env: Env): { value: string | undefined } | { wrong: string } {
  const direct = env[field.name] || undefined;
  const file = (field.secret && env[`${field.name}_FILE`]) || undefined;
  if (file === undefined) return { value: direct };
  if (direct !== undefined) return { wrong: `is set both directly and as ${field.name}_FILE` };
  try {
    const content = readFileSync(file);
    if (content.length > FILE_LIMIT_BYTES) return { wrong: `the file named by ${field.name}_FILE is over 64 KiB` };
    const value = content.toString('utf8').replace(/\r?\n$/, '');
    return value === '' ? { wrong: `the file named by ${field.name}_FILE is empty` } : { value };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    return { wrong: `the file named by ${field.name}_FILE cannot be read (${code})` };
  }
}

type Kind = 'number' | 'boolean' | 'list' | 'string';

function kindOf(field: SettingField, fallback: unknown): Kind {
  if (field.declaredType === Array || Array.isArray(fallback)) return 'list';
  if (field.declaredType === Number || typeof fallback === 'number') return 'number';
  if (field.declaredType === Boolean || typeof fallback === 'boolean') return 'boolean';
  return 'string';
}

function convert(text: string, kind: Kind, isSecret: boolean): ReadResult {
  const got = isSecret ? 'what is set' : JSON.stringify(text.slice(0, 100));
  switch (kind) {
    case 'string':
      return { value: text };
    case 'list':
      return {
        value: text
          .split(',')
          .map((part) => part.trim())
          .filter(Boolean),
      };
    case 'number':
      return /^\s*-?\d{1,15}(?:\.\d{1,9})?\s*$/.test(text)
        ? { value: Number(text) }
        : { wrong: `${got} is not a number` };
    case 'boolean': {
      const value = BOOLEANS[text.trim().toLowerCase()];
      return value === undefined ? { wrong: `${got} is neither on nor off` } : { value };
    }
  }
}
