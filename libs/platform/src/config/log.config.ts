import { IsIn } from 'class-validator';
import { Setting } from './setting.js';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export class LogConfig {
  @Setting(`Least level that is written: ${LOG_LEVELS.join(', ')}. npm start says warn unless it is set.`)
  @IsIn(LOG_LEVELS)
  LOG_LEVEL: LogLevel = 'info';
}
