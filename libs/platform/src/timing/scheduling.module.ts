import { Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';

/**
 * Timers of `@nestjs/schedule`, once a process: two root modules that both called `forRoot` in one process would have
 * every timer fire twice.
 */
@Module({ imports: [ScheduleModule.forRoot()] })
export class SchedulingModule {}
