import { All, Controller, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { UnknownPspPathError } from './psp.error.js';
import { PspFilter } from './psp.filter.js';

/** What no call of the door answers: "400, the address does not exist", as published. */
@Controller('psp')
@ApiExcludeController()
@UseFilters(PspFilter)
export class PspUnknownPathController {
  @All(['', '*'])
  refuse(): never {
    throw new UnknownPspPathError();
  }
}
