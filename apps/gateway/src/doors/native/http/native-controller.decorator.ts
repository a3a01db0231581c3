import {
  Controller,
  UseFilters,
  UseGuards,
  UsePipes,
  applyDecorators,
  type CanActivate,
  type Type,
} from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { BodyLimit } from '../../../http/body-limit.decorator.js';
import { NativeValidationPipe } from './native-validation.pipe.js';
import { ProblemFilter } from './problem.filter.js';

/** Names of the security schemes in the OpenAPI document. */
export const SECURITY = { admin: 'admin', clientApp: 'client-app' } as const;

export interface NativeControllerOptions {
  path: string;
  /** Null: open to everybody (the token call). */
  guard: Type<CanActivate> | null;
  /** Who the guard lets in, for the documentation. */
  security: readonly (keyof typeof SECURITY)[];
  /** Largest body of its calls; 1 MiB unless given. */
  bodyBytes?: number;
  /** Its group in the documentation; `native` unless given. */
  tag?: string;
}

/** A controller of this door: its guard, its validation, its errors and its place in the documentation. */
export function NativeController({
  path,
  guard,
  security,
  bodyBytes,
  tag = 'native',
}: NativeControllerOptions): ClassDecorator {
  return applyDecorators(
    Controller(path),
    ApiTags(tag),
    UseFilters(ProblemFilter),
    UsePipes(new NativeValidationPipe()),
    ...(bodyBytes === undefined ? [] : [BodyLimit(bodyBytes)]),
    ...(guard ? [UseGuards(guard)] : []),
    ...security.map((scheme) => ApiBearerAuth(SECURITY[scheme])),
  );
}
