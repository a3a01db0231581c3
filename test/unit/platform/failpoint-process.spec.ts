import { describe, expect, it } from '@jest/globals';
import { childScript } from './child-script.js';

const SCRIPT = `
import { writeSync } from 'node:fs';
import { failpoint } from 'PLATFORM/failpoint/failpoint.ts';
process.on('exit', () => writeSync(1, 'exit handlers ran'));
for (let step = 0; step < 50; step += 1) {
  failpoint('before');
  writeSync(1, step + ' ');
  failpoint('after');
}
`;

describe('a process with FAILPOINTS', () => {
  const run = childScript(SCRIPT);

  it('dies at the step by SIGKILL, without a chance to tidy up', async () => {
    await expect(run({ FAILPOINTS: 'after:1:1:3' })).resolves.toEqual({
      code: null,
      signal: 'SIGKILL',
      stdout: '0 1 2 3 ',
    });
  });

  it('dies at the same step in every run of the same seed', async () => {
    const [one, two] = await Promise.all([run({ FAILPOINTS: 'before:0.1:5' }), run({ FAILPOINTS: 'before:0.1:5' })]);
    expect(one.signal).toBe('SIGKILL');
    expect(two).toEqual(one);
  });

  it('lives when none is set or another is named', async () => {
    for (const env of [{}, { FAILPOINTS: '' }, { FAILPOINTS: 'elsewhere:1:1' }]) {
      const result = await run(env as Record<string, string>);
      expect(result).toMatchObject({ code: 0, stdout: expect.stringMatching(/49 exit handlers ran$/) });
    }
  });

  it('does not start with a specification it cannot read', async () => {
    await expect(run({ FAILPOINTS: 'after:often' })).resolves.toMatchObject({ code: 1, stdout: '' });
  });
});
