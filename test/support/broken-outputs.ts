import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** File descriptors to write to, of which nothing comes out. */
export const BROKEN_OUTPUTS: [what: string, open: () => number][] = [
  ['on a full disk', fullDisk],
  ['to a pipe whose reader is gone', pipeWithoutReader],
];

/** Opened, without a byte of room. */
export function fullDisk(): number {
  return openSync('/dev/full', 'w');
}

function pipeWithoutReader(): number {
  const folder = mkdtempSync(join(tmpdir(), 'mc-pipe-'));
  try {
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', [path]);
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const writer = openSync(path, 'w');
    closeSync(reader);
    return writer;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
