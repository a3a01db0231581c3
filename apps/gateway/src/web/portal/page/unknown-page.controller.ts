import { All, Controller, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { PortalProblem } from './portal-problem.js';
import { PortalFilter } from './portal.filter.js';

/** Addresses of the portal that lead nowhere: people see a page, not JSON. */
@ApiExcludeController()
@UseFilters(PortalFilter)
@Controller('portal')
export class UnknownPageController {
  @All('*')
  refuse(): never {
    throw new PortalProblem('no_page');
  }
}
