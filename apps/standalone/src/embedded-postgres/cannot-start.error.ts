import { AppError } from '#contracts';

/** Why the program cannot start, in one line that a person can act on. Whoever catches it prints `message` alone. */
export class CannotStartError extends AppError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('CANNOT_START', 'permanent', message, {}, options);
  }
}
