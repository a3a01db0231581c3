import { ValidationTypes, getMetadataStorage, type ValidatorConstraintInterface } from 'class-validator';

type Contract = new () => object;
type Fields = Record<string, unknown>;
/** The instance, or null: only the thorough way can tell whether and why it is wrong. */
export type QuickReading = (fields: Fields) => object | null;
type Check = (value: unknown, fields: Fields) => boolean;

interface Field {
  name: string;
  isOptional: boolean;
  checks: Check[];
}

/** What `validate` of a rule is told beside the value; only `constraints` matters to rules that stand by themselves. */
type Argument = Parameters<NonNullable<ValidatorConstraintInterface['validate']>>[1];

/**
 * A reading of payloads made of the decorators of a contract once, for the case that all is well: class-validator gathers
 * and groups its rules anew for each object, which for columns of a few hundred places takes longer than the rules do. The
 * rules asked are class-validator's own. Null where a contract has something else than plain rules of its fields.
 */
export function quickReadingOf(contract: Contract): QuickReading | null {
  const fields = new Map<string, Field>();
  for (const rule of getMetadataStorage().getTargetValidationMetadatas(contract, '', false, false)) {
    const field = fields.get(rule.propertyName) ?? { name: rule.propertyName, isOptional: false, checks: [] };
    fields.set(rule.propertyName, field);
    if (rule.type === ValidationTypes.CONDITIONAL_VALIDATION && rule.name === 'isOptional') field.isOptional = true;
    else {
      const check = checkOf(rule);
      if (!check) return null;
      field.checks.push(check);
    }
  }
  return readingOf(contract, [...fields.values()]);
}

function checkOf(rule: ReturnType<ReturnType<typeof getMetadataStorage>['getTargetValidationMetadatas']>[number]) {
  const constraints = getMetadataStorage().getTargetValidatorConstraints(rule.constraintCls);
  const [constraint] = constraints;
  const isPlain =
    rule.type === ValidationTypes.CUSTOM_VALIDATION &&
    rule.name !== 'isObject' && // it has fields of its own, which the thorough way copies
    !rule.validateIf &&
    constraints.length === 1;
  if (!isPlain || !constraint || constraint.async) return null;
  const { instance } = constraint;
  const argument = { constraints: rule.constraints, property: rule.propertyName } as unknown as Argument;
  const isValid: Check = (value) => instance.validate(value, argument) === true;
  if (!rule.each) return isValid;
  const ofEach: Check = (values, fields) => Array.isArray(values) && values.every((value) => isValid(value, fields));
  return ofEach;
}

function readingOf(contract: Contract, fields: readonly Field[]): QuickReading {
  const known = new Set(fields.map(({ name }) => name));
  return (given) => {
    // Whatever it holds beside is dropped, but may be nested as deep as it likes.
    for (const name of Object.keys(given)) if (!known.has(name)) return null;
    const payload = new contract() as Fields;
    for (const { name, isOptional, checks } of fields) {
      const value = Object.hasOwn(given, name) ? given[name] : payload[name];
      if (isOptional && (value === undefined || value === null)) {
        if (value === null) payload[name] = null;
        continue;
      }
      for (const check of checks) if (!check(value, given)) return null;
      payload[name] = value;
    }
    return payload;
  };
}
