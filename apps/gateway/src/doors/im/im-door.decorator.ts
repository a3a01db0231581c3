import { Controller, UseFilters, UseGuards, applyDecorators } from '@nestjs/common';
import { ApiSecurity, ApiTags } from '@nestjs/swagger';
import { HTTP_LIMITS } from '#platform';
import { BodyLimit } from '../../http/body-limit.decorator.js';
import { ImFilter } from './im.filter.js';
import { ImGuard } from './im.guard.js';

/** A controller of this door. Its paths have no prefix in common. */
export const ImDoorController = (): ClassDecorator =>
  applyDecorators(
    Controller(),
    ApiTags('im'),
    ApiSecurity('im-token'),
    ApiSecurity('client-app'),
    UseGuards(ImGuard),
    UseFilters(ImFilter),
    BodyLimit(HTTP_LIMITS.recipientBodyBytes),
  );
