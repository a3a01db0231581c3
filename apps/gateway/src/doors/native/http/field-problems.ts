import type { ValidationError } from 'class-validator';
import type { FieldProblem } from './native-errors.js';

/** Rules on what kind of value it is: while one of them fails, its length, range or pattern says nothing. */
const KINDS: ReadonlySet<string> = new Set([
  'isArray',
  'isBoolean',
  'isDefined',
  'isIn',
  'isInt',
  'isNotEmpty',
  'isNumber',
  'isObject',
  'isString',
]);

/** What is wrong, field by field, as a person would say it: a field that is not there is missing, and nothing else. */
export function fieldProblems(errors: readonly ValidationError[], path = ''): FieldProblem[] {
  return errors.flatMap((error) => {
    const isIndex = /^\d+$/.test(error.property);
    const field = isIndex ? `${path}[${error.property}]` : path === '' ? error.property : `${path}.${error.property}`;
    return [...problemsOf(error).map((detail) => ({ field, detail })), ...fieldProblems(error.children ?? [], field)];
  });
}

/** Of the value itself, not of what it holds. */
export function problemsOf({ property, value, constraints = {} }: ValidationError): string[] {
  if ('whitelistValidation' in constraints) return [`${property} is not a field of this request`];
  const rules = Object.keys(constraints);
  const kinds = rules.filter((rule) => KINDS.has(rule));
  if (value === undefined && kinds.length > 0) return [`${property} is missing`];
  return (kinds.length > 0 ? kinds : rules).map((rule) => constraints[rule] ?? '');
}
