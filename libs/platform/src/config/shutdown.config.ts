import { IsInt, Max, Min } from 'class-validator';
import { Setting } from './setting.js';

export class ShutdownConfig {
  @Setting(
    'Longest time that a process which is told to end takes to finish what it has begun, in seconds. Provider calls are broken off after four fifths of it. Whoever ends the process should wait 15 s longer before killing it.',
  )
  @IsInt()
  @Min(1)
  @Max(600)
  SHUTDOWN_DRAIN_S = 25;
}
