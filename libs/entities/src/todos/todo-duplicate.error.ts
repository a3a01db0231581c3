import { AppError } from '#contracts';

/** A to-do is not opened again for somebody who has an equal one open. */
export class TodoDuplicateError extends AppError {
  constructor() {
    super('conflict', 'conflict', 'An equal to-do is open: this one stays done. Set the other one to done first.');
  }
}
