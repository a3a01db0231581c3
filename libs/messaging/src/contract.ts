import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';
import { MAX_PAYLOAD_BYTES } from './payload.js';
import { quickReadingOf, type QuickReading } from './quick-reading.js';

/** A payload class with validation decorators; its constructor takes nothing. */
export type Contract = new () => object;

/** What reading a payload came to. `reason` names fields and rules, never values: it goes into headers and logs. */
export type Reading = { ok: true; payload: object } | { ok: false; reason: string };

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Turns bytes from the wire into a validated instance; fields the contract does not know are dropped. */
export function readPayload(content: Buffer, contract: Contract): Reading {
  if (content.length > MAX_PAYLOAD_BYTES) return { ok: false, reason: `larger than ${MAX_PAYLOAD_BYTES} bytes` };
  let value: unknown;
  try {
    value = JSON.parse(utf8.decode(content));
  } catch (error) {
    return { ok: false, reason: error instanceof SyntaxError ? 'not JSON' : 'not UTF-8' };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { ok: false, reason: 'not a JSON object' };
  }
  const quick = quickly(contract)?.(value as Record<string, unknown>);
  return quick ? { ok: true, payload: quick } : readThoroughly(value, contract);
}

const quickReadings = new Map<Contract, QuickReading | null>();

function quickly(contract: Contract): QuickReading | null {
  let reading = quickReadings.get(contract);
  if (reading === undefined) quickReadings.set(contract, (reading = quickReadingOf(contract)));
  return reading;
}

function readThoroughly(value: object, contract: Contract): Reading {
  try {
    const payload = plainToInstance(contract, value);
    // Doorbells have contracts without a single rule; class-validator calls those "unknown" unless told otherwise.
    const problems = validateSync(payload, { whitelist: true, forbidUnknownValues: false });
    return problems.length === 0 ? { ok: true, payload } : { ok: false, reason: describe(problems) };
  } catch {
    return { ok: false, reason: 'not readable by its contract' }; // e.g. nested deeper than the stack is high
  }
}

function describe(problems: readonly ValidationError[], path = ''): string {
  const rules = problems.flatMap(({ property, constraints, children }) => [
    ...Object.keys(constraints ?? {}).map((rule) => `${path}${property}: ${rule}`),
    ...(children?.length ? [describe(children, `${path}${property}.`)] : []),
  ]);
  return `${path === '' ? 'schema: ' : ''}${rules.join(', ')}`;
}
