import type { LoggerService } from '@nestjs/common';
import { pino, type DestinationStream, type Logger } from 'pino';
import type { LogLevel } from '../config/log.config.js';
import { logOutput } from './log-output.js';
import { redactFields } from './redact-fields.js';
import { redactText } from './redact-text.js';
import { framesOf } from './serialize-error.js';

export type LogFields = Record<string, unknown>;
type WrittenLevel = Exclude<LogLevel, 'silent'>;

const STANDARD_OUTPUT = 1;

export interface AppLoggerOptions {
  level: LogLevel;
  /** Where the lines go; standard output unless given. */
  destination?: DestinationStream;
}

/**
 * The one logger: a line of JSON per event, `logger.warn({ err, deliveryId }, 'delivery attempt failed')`. The message is constant, ids
 * stand in fields, secrets are removed on the way. Also takes the calls of Nest (`log('text', 'Context')`), so that the framework's own
 * lines look the same.
 */
export class AppLogger implements LoggerService {
  private readonly pino: Logger;

  constructor(options: AppLoggerOptions) {
    this.pino = pino(
      {
        level: options.level,
        base: { pid: process.pid },
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
        // Fields are made safe before pino sees them; its own serializers would unfold them again.
        serializers: { err: (value: unknown) => value },
      },
      options.destination ?? logOutput(STANDARD_OUTPUT),
    );
  }

  /** Whether lines of the level are written: for fields that cost something to gather. */
  isWritten(level: WrittenLevel): boolean {
    return this.pino.isLevelEnabled(level);
  }

  trace(fields: LogFields, message: string): void {
    this.write('trace', [fields, message]);
  }

  debug(fields: LogFields, message: string): void;
  debug(message: unknown, ...rest: unknown[]): void;
  debug(...call: unknown[]): void {
    this.write('debug', call);
  }

  info(fields: LogFields, message: string): void {
    this.write('info', [fields, message]);
  }

  warn(fields: LogFields, message: string): void;
  warn(message: unknown, ...rest: unknown[]): void;
  warn(...call: unknown[]): void {
    this.write('warn', call);
  }

  error(fields: LogFields, message: string): void;
  error(message: unknown, ...rest: unknown[]): void;
  error(...call: unknown[]): void {
    this.write('error', call);
  }

  fatal(fields: LogFields, message: string): void;
  fatal(message: unknown, ...rest: unknown[]): void;
  fatal(...call: unknown[]): void {
    this.write('fatal', call);
  }

  /** Nest's word for `info`. */
  log(message: unknown, ...rest: unknown[]): void {
    this.write('info', [message, ...rest]);
  }

  /** Nest's word for `trace`. */
  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('trace', [message, ...rest]);
  }

  private write(level: WrittenLevel, call: unknown[]): void {
    if (!this.pino.isLevelEnabled(level)) return;
    const { fields, message } = isOwnCall(call) ? { fields: call[0], message: call[1] } : fromNest(call);
    this.pino[level](withoutReserved(redactFields(fields)), redactText(message));
  }
}

const isOwnCall = (call: unknown[]): call is [LogFields, string] =>
  call.length === 2 && typeof call[0] === 'object' && !(call[0] instanceof Error) && typeof call[1] === 'string';

/** Nest passes `(message, ...objects, stack?, context?)`; the message may be an error. */
function fromNest([first, ...rest]: unknown[]): { fields: LogFields; message: string } {
  const texts = rest.filter((part): part is string => typeof part === 'string');
  const stack = texts.find((text) => /\n[^\S\n]+at /.test(text));
  const context = texts.findLast((text) => text !== stack);
  const extra = rest.filter((part) => typeof part === 'object' && part !== null);
  const fields: LogFields = {
    ...(context && { context }),
    ...(stack && { stack: framesOf(stack) }),
    ...(extra.length > 0 && { extra }),
  };
  if (first instanceof Error) return { fields: { ...fields, err: first }, message: 'unexpected error' };
  if (typeof first === 'object' && first !== null) return { fields: { ...fields, event: first }, message: 'event' };
  return { fields, message: String(first) };
}

const RESERVED = ['level', 'time', 'pid', 'msg'];

/** A field of a reserved name would make a line with the same member twice, which readers judge differently. */
function withoutReserved(fields: LogFields): LogFields {
  for (const name of RESERVED) {
    if (name in fields) {
      fields[`${name}_`] = fields[name];
      delete fields[name];
    }
  }
  return fields;
}
