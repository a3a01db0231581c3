import { hasBadUnicode, isHttpUrl } from '#content';
import { HTTP_LIMITS } from '#platform';
import { BodyError, inspect } from '../../http/raw-body.js';
import type { Given } from './platform.body.js';
import type { PlatformCode } from './platform.codes.js';
import { PlatformError, badParameter } from './platform.error.js';
import { REPEATED } from './form-fields.js';
import { isAbsent, textOf } from './json-text.js';

/** One parameter of a call: how it is read and how it is shown in the documentation. */
export interface Parameter<T> {
  about: string;
  example: unknown;
  isRequired: boolean;
  /** Of the documentation. */
  schema: Record<string, unknown>;
  /** @throws PlatformError naming the parameter */
  read(name: string, value: unknown): T;
}

/** The parameters of a call in the order of the published interface, which is the order they are checked in. */
export type Parameters = Readonly<Record<string, Parameter<unknown>>>;
export type Read<P extends Parameters> = { [K in keyof P]: P[K] extends Parameter<infer T> ? T : never };

interface About {
  about: string;
  example: unknown;
  /** Code of a missing value; 500001 unless given. */
  missing?: PlatformCode;
}

/** The values of a call's parameters; unknown ones are ignored. @throws PlatformError at the first that is wrong */
export function readParameters<P extends Parameters>(parameters: P, given: Given): Read<P> {
  const values: Record<string, unknown> = {};
  for (const name of Object.keys(parameters)) values[name] = parameters[name]?.read(name, given.get(name));
  return values as Read<P>;
}

/** @param max in characters, not UTF-16 units */
export const text = ({ max, ...about }: About & { max?: number }): Parameter<string> => ({
  ...described(about, { type: 'string', ...(max === undefined ? {} : { maxLength: max }) }),
  read(name, value) {
    const given = givenText(name, value);
    if (given === undefined) throw missing(name, about.missing);
    if (max !== undefined && given.length > max && [...given].length > max) {
      throw badParameter(name, `过长，最多 ${max} 个字符`);
    }
    return given;
  },
});

export const choice = <const W extends string>({ words, ...about }: About & { words: readonly W[] }): Parameter<W> => ({
  ...described(about, { type: 'string', enum: words }),
  read(name, value) {
    const given = givenText(name, value);
    if (given === undefined) throw missing(name, about.missing);
    const word = words.find((each) => each === given);
    if (word === undefined) throw badParameter(name, `只能是 ${words.join('、')}`);
    return word;
  },
});

export const integer = ({ from, to, ...about }: About & { from: number; to: number }): Parameter<number> => ({
  ...described(about, { type: 'integer', minimum: from, maximum: to }),
  read(name, value) {
    const given = givenText(name, value);
    if (given === undefined) throw missing(name, about.missing);
    const number = /^\d{1,10}$/.test(given) ? Number(given) : NaN;
    if (!(number >= from && number <= to)) throw badParameter(name, `必须是 ${from} 到 ${to} 的整数`);
    return number;
  },
});

/** An http(s) URL. */
export const link = (about: About & { max: number }): Parameter<string> => {
  const plain = text(about);
  return {
    ...plain,
    read(name, value) {
      const given = plain.read(name, value);
      if (!isHttpUrl(given)) throw badParameter(name, '必须是 http:// 或 https:// 开头的有效链接，不能含空格');
      return given;
    },
  };
};

/** JSON written as text in a form, or as it is in a JSON body. What it must hold, `check` says. */
export const json = <T>(about: About & { check: (name: string, value: unknown) => T }): Parameter<T> => ({
  ...described(about, { type: 'string' }),
  read(name, value) {
    if (typeof value === 'object' && value !== null) return about.check(name, value);
    const given = givenText(name, value);
    if (given === undefined) throw missing(name, about.missing);
    return about.check(name, parsed(name, given));
  },
});

export const optional = <T>(parameter: Parameter<T>): Parameter<T | undefined> => ({
  ...parameter,
  isRequired: false,
  read: (name, value) => (isAbsent(value) ? undefined : parameter.read(name, value)),
});

export const withDefault = <T>(parameter: Parameter<T>, fallback: NoInfer<T>): Parameter<T> => ({
  ...parameter,
  isRequired: false,
  schema: { ...parameter.schema, default: fallback },
  read: (name, value) => (isAbsent(value) ? fallback : parameter.read(name, value)),
});

/** 500001 unless the call has a code of its own for it. */
export const missing = (name: string, code: PlatformCode = 'parameter'): PlatformError =>
  code === 'parameter' ? badParameter(name, '不能为空，请补充') : new PlatformError(code);

const described = ({ about, example }: About, schema: Record<string, unknown>): Omit<Parameter<never>, 'read'> => ({
  about,
  example,
  isRequired: true,
  schema,
});

function givenText(name: string, value: unknown): string | undefined {
  if (value === REPEATED) throw badParameter(name, '重复出现，只能给出一次');
  if (isAbsent(value)) return undefined;
  const given = textOf(value);
  if (given === undefined) throw badParameter(name, '必须是字符串');
  if (hasBadUnicode(given)) throw badParameter(name, '含有无效字符（NUL 或不完整的字符）');
  return given;
}

function parsed(name: string, given: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(given);
  } catch {
    throw badParameter(name, '不是有效的 JSON，请检查格式');
  }
  if (typeof value === 'object' && value !== null) refuseHostile(name, value);
  return value;
}

/** As in a body of JSON. */
function refuseHostile(name: string, value: object): void {
  try {
    inspect(value, HTTP_LIMITS.jsonDepth);
  } catch (error) {
    if (!(error instanceof BodyError)) throw error;
    throw badParameter(name, error.reason === 'too_deep' ? '的 JSON 嵌套过深' : '含有不允许的字段名');
  }
}
