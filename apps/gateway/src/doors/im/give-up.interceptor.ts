import { UseInterceptors, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { Patience, WITHIN_MS } from './patience.js';

/** Of what may have to read a lot. */
const WITHIN_FOR_LISTS_MS = 10_000;

/** A call that is done with when the database has answered: it is told when that does not. */
class GiveUp implements NestInterceptor {
  constructor(private readonly withinMs: number) {}

  intercept(_: ExecutionContext, next: CallHandler): Observable<unknown> {
    return from(new Patience(this.withinMs).with(lastValueFrom(next.handle())));
  }
}

/** Reads or writes a row or two. */
export const GivesUpSoon = (): MethodDecorator => UseInterceptors(new GiveUp(WITHIN_MS));

/** Its answer may be as long as what is kept. */
export const GivesUpLater = (): MethodDecorator => UseInterceptors(new GiveUp(WITHIN_FOR_LISTS_MS));
