import { AppError } from '#contracts';

export interface WantedPort {
  /** Names the port. */
  setting: string;
  port: number;
  host: string;
  /** What listens there, e.g. `health and metrics`. */
  purpose: string;
  /** 0 means none. */
  mayBeNone: boolean;
}

/** @returns AppError `<setting>_UNUSABLE` (permanent) with a line for the operator */
export function portUnusable(wanted: WantedPort, { code = 'unknown' }: NodeJS.ErrnoException): AppError {
  const { setting, port, host, purpose, mayBeNone } = wanted;
  const why = code === 'EADDRINUSE' ? 'is taken by another program' : `cannot be used (${code})`;
  const advice = `set ${setting} to a free one${mayBeNone ? ', or to 0 for none' : ''}`;
  const message = `Port ${port} of ${host} for ${purpose} ${why}: ${advice}.`;
  return new AppError(`${setting}_UNUSABLE`, 'permanent', message, { port, host });
}

/**
 * Waits for a listener that a framework opens.
 * @throws AppError as `portUnusable` where the system refuses the port
 */
export async function untilListening<T>(listening: Promise<T>, wanted: WantedPort): Promise<T> {
  try {
    return await listening;
  } catch (error) {
    const { syscall } = error as NodeJS.ErrnoException;
    if (syscall === 'listen' || syscall === 'bind' || syscall === 'getaddrinfo') {
      throw portUnusable(wanted, error as NodeJS.ErrnoException);
    }
    throw error;
  }
}
