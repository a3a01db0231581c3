import { pino } from 'pino';

/** Lines that wait for room on the disk; what comes on top of them is lost, bytes. */
const MAX_WAITING = 1024 * 1024;

/**
 * Writes lines of the log to a file descriptor. Logging is no reason to fail: with a full disk they wait and are tried again with the
 * next line, and without a reader they are dropped. Left alone, the destination throws at whoever logs.
 */
export function logOutput(fd: number): ReturnType<typeof pino.destination> {
  return pino.destination({ fd, sync: true, maxLength: MAX_WAITING }).on('error', () => undefined);
}
