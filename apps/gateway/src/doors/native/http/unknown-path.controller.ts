import { All } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { NativeController } from './native-controller.decorator.js';
import { NotFoundError } from './native-errors.js';

/** `/v1` itself and paths under it that no controller has: answered in this door's form too. */
@ApiExcludeController()
@NativeController({ path: 'v1', guard: null, security: [] })
export class UnknownPathController {
  @All(['', '*'])
  refuse(): never {
    throw new NotFoundError('resource');
  }
}
