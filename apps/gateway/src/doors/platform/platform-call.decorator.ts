import { Controller, HttpCode, Post, SetMetadata, UseFilters, UseGuards, applyDecorators } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { documented, type PlatformCallDocs } from './platform.docs.js';
import { PlatformFilter } from './platform.filter.js';
import { PLATFORM_CALL, PlatformGuard, type PlatformCallRules } from './platform.guard.js';

/** A controller of this door: its guard, its errors and its place in the documentation. */
export const PlatformController = (): ClassDecorator =>
  applyDecorators(Controller(), ApiTags('platform'), UseGuards(PlatformGuard), UseFilters(PlatformFilter));

/** One call of this door: always POST, always HTTP 200. */
export const PlatformCall = (call: { path: string } & PlatformCallRules & PlatformCallDocs): MethodDecorator =>
  applyDecorators(
    Post(call.path),
    HttpCode(200),
    SetMetadata(PLATFORM_CALL, call satisfies PlatformCallRules),
    documented(call),
  );
