import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsOptional, ValidateIf } from 'class-validator';

/**
 * A field that may be left out. Null says no more than that: serializers of many languages write it for whatever is not
 * set, and IsOptional alone would hand it on to code that knows a value or none. Where null means something of its own
 * the field is `nullable` in the documentation and stays with IsOptional.
 */
export const MayBeAbsent = (): PropertyDecorator =>
  applyDecorators(
    Transform(({ value }: { value: unknown }) => value ?? undefined),
    IsOptional(),
  );

/**
 * A field that may be left out and is never null: where absent means "as it is", null might mean that or "take it away",
 * and only the caller knows which.
 */
export const MayBeAbsentNeverNull = (): PropertyDecorator =>
  ValidateIf((_dto: unknown, value: unknown) => value !== undefined);
