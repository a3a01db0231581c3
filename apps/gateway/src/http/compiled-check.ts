import 'reflect-metadata';
import { Ajv } from 'ajv';
import { validationMetadatasToSchemas } from 'class-validator-jsonschema';

/** The first thing that is wrong with a value. Each door says it in its own language. */
export interface Shortcoming {
  /** Dotted path of the field. */
  field: string;
  /** Keyword of JSON Schema that is not fulfilled; empty: the value as a whole is none. */
  keyword: string;
  /** What the keyword demands, e.g. `{ allowedValues: […] }`, `{ limit: 128 }`, `{ type: 'string' }`. */
  params: Readonly<Record<string, unknown>>;
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
    const params = (error?.params ?? {}) as Record<string, unknown>;
    const missing = error?.keyword === 'required' ? [String(params['missingProperty'])] : [];
    return {
      field: [...(error?.instancePath ?? '').split('/').slice(1), ...missing].join('.') || 'body',
      keyword: error?.keyword ?? '',
      params,
    };
  };
}
