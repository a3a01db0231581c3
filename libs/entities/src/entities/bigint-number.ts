import type { ValueTransformer } from 'typeorm';

/** The driver gives bigint as text; ids and counts here stay far below 2^53. */
export const bigintNumber: ValueTransformer = {
  to: (value: unknown): unknown => value,
  from: (value: string | number | null): number | null => (value === null ? null : Number(value)),
};
