import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';

describe('the flag that keeps objects young', () => {
  it('is known to this version of V8, which says on standard error what it does not know', () => {
    const set = (flag: string): string =>
      spawnSync(process.execPath, ['-e', `require('node:v8').setFlagsFromString('${flag}')`], { encoding: 'utf8' })
        .stderr;

    expect(set('--no-allocation-site-pretenuring')).toBe('');
    expect(set('--no-such-flag')).not.toBe('');
  });
});
