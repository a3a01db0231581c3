import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { invalidField } from './native-errors.js';

/** Query of every list. */
export class PageQuery {
  @ApiPropertyOptional({ minimum: 1, maximum: 200, default: 50, example: 50 })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(200)
  limit = 50;

  @ApiPropertyOptional({ description: '`nextCursor` of the page before.' })
  @IsOptional()
  @IsString()
  @MaxLength(1024)
  cursor?: string;
}

/** `nextCursor` is null on the last page. */
export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

export type CursorPart = string | number;

export const encodeCursor = (parts: readonly CursorPart[]): string =>
  Buffer.from(JSON.stringify(parts)).toString('base64url');

/**
 * The parts of a cursor, checked against the types the list makes it of; null without a cursor.
 * @throws InvalidRequestError when it is none of ours
 */
export function decodeCursor<T extends CursorPart[]>(
  cursor: string | undefined,
  shape: { [K in keyof T]: T[K] extends number ? 'number' : 'string' },
): T | null {
  if (cursor === undefined) return null;
  const parts = parse(cursor);
  const fits =
    Array.isArray(parts) && parts.length === shape.length && parts.every((part, i) => typeof part === shape[i]);
  if (!fits || parts.some((part) => String(part).includes('\0')))
    throw invalidField('cursor', 'cursor is not one of ours');
  return parts as T;
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as unknown;
  } catch {
    return null;
  }
}

/** `rows` are up to `limit + 1` in order; the one too many tells that there is a next page. */
export function pageOf<R, T>(
  rows: readonly R[],
  limit: number,
  toView: (row: R) => T,
  cursorOf: (row: R) => readonly CursorPart[],
): Page<T> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(toView),
    nextCursor: rows.length > limit && last !== undefined ? encodeCursor(cursorOf(last)) : null,
  };
}
