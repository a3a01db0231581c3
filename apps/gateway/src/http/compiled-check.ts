import 'reflect-metadata';
import { Ajv } from 'ajv';
import { validationMetadatasToSchemas } from 'class-validator-jsonschema';

export interface Shortcoming {
  /** Dotted path of the first field that is wrong. */
  field: string;
  /** What is expected, in a few words. */
  expected: string;
}

/**
 * A check compiled from the class-validator decorators of a DTO, for hot doors: the decorators stay the one source for
 * types, documentation and rules. Unknown fields pass; only rules that JSON Schema can say are checked.
 */
export function compileCheck<T extends object>(dto: new () => T): (value: unknown) => Shortcoming | null {
  const schemas = validationMetadatasToSchemas({ refPointerPrefix: '#/$defs/' });
  const validate = new Ajv({ strict: false, allErrors: false }).compile({ ...schemas[dto.name], $defs: schemas });
  return (value) => {
    if (validate(value)) return null;
    const [error] = validate.errors ?? [];
    const missing =
      error?.keyword === 'required' ? [String((error.params as { missingProperty: string }).missingProperty)] : [];
    return {
      field: [...(error?.instancePath ?? '').split('/').slice(1), ...missing].join('.') || 'body',
      expected: missing.length > 0 ? 'is missing' : (error?.message ?? 'is malformed'),
    };
  };
}
