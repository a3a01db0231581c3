import { describe, expect, it } from '@jest/globals';
import { serverSettings, sharedBuffersMib } from './server-settings.js';

const GIB = 2 ** 30;

describe('settings of the embedded server', () => {
  it.each([
    [0.25 * GIB, 128],
    [1 * GIB, 256],
    [2.5 * GIB, 640],
    [24 * GIB, 1024],
  ])('keep of %i bytes of memory %i MiB for pages', (memory, buffers) => {
    expect(sharedBuffersMib(memory)).toBe(buffers);
  });

  it('name each setting once', () => {
    const names = serverSettings(5432, true).map((setting) => setting.split('=', 1)[0]);
    expect(new Set(names).size).toBe(names.length);
  });

  it('force to disk what must last, and nothing else', () => {
    expect(serverSettings(5432, true)).toContain('synchronous_commit=on');
    expect(serverSettings(5432, true).join()).not.toMatch(/fsync=off|full_page_writes=off/);
    expect(serverSettings(5432, false)).toEqual(expect.arrayContaining(['fsync=off', 'full_page_writes=off']));
  });
});
