import { closeSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { BROKEN_OUTPUTS, fullDisk } from '../../../../test/support/broken-outputs.js';
import { AppLogger } from './app-logger.js';
import { logOutput } from './log-output.js';

let fd: number | undefined;
afterEach(() => {
  if (fd !== undefined) closeSync(fd);
  fd = undefined;
});

describe('a log', () => {
  it.each(BROKEN_OUTPUTS)('%s throws at nobody', (_, open) => {
    const log = new AppLogger({ level: 'info', destination: logOutput((fd = open())) });
    for (let i = 0; i < 3; i++) log.error({ err: new Error('x') }, 'something went wrong');
  });

  it('keeps a mebibyte of what it cannot write, and no more', () => {
    const output = logOutput((fd = fullDisk()));
    let dropped = 0;
    output.on('drop', () => dropped++);
    for (let i = 0; i < 1025; i++) output.write('x'.repeat(1024));
    expect(dropped).toBe(1);
  });
});
