import { Controller, HttpCode, Post, SetMetadata, UseFilters, UseGuards, applyDecorators } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { BodyLimit } from '../../http/body-limit.decorator.js';
import { documented, type PlatformCallDocs } from './platform.docs.js';
import { PlatformFilter } from './platform.filter.js';
import { PLATFORM_CALL, PlatformGuard, type PlatformCallRules } from './platform.guard.js';

/** A controller of this door: its guard, its errors and its place in the documentation. */
export const PlatformController = (): ClassDecorator =>
  applyDecorators(Controller(), ApiTags('platform'), UseGuards(PlatformGuard), UseFilters(PlatformFilter));

interface PlatformCallOptions extends PlatformCallRules, PlatformCallDocs {
  path: string;
  /** Largest body; 1 MiB unless given. */
  bodyBytes?: number;
}

/** One call of this door: always POST, always HTTP 200. */
export const PlatformCall = ({ bodyBytes, ...call }: PlatformCallOptions): MethodDecorator =>
  applyDecorators(
    Post(call.path),
    HttpCode(200),
    SetMetadata(PLATFORM_CALL, call satisfies PlatformCallRules),
    documented(call),
    ...(bodyBytes === undefined ? [] : [BodyLimit(bodyBytes)]),
  );
