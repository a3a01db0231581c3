import { describe, expect, it } from '@jest/globals';
import { checkSettings } from './check-settings.js';

describe('checkSettings', () => {
  it('asks for nothing that a start makes by itself', () => {
    expect(() => checkSettings({})).not.toThrow();
    expect(() => checkSettings({ DATABASE_URL: '', MASTER_KEY: '' })).not.toThrow();
  });

  it('names every wrong setting at once, also one that would have been made', () => {
    const wrong = { PORT: 'abc', LOG_LEVEL: 'loud', ADMIN_TOKEN: 'short', DATABASE_URL: 'mysql://x', MASTER_KEY: 'x' };
    expect(() => checkSettings(wrong)).toThrow(
      expect.objectContaining({
        problems: ['PORT', 'DATABASE_URL', 'ADMIN_TOKEN', 'MASTER_KEY', 'LOG_LEVEL'].map((name) =>
          expect.objectContaining({ name }),
        ),
      }),
    );
  });

  it('does not take a file that cannot be read for one that is not named', () => {
    expect(() => checkSettings({ MASTER_KEY_FILE: '/nowhere/key' })).toThrow('MASTER_KEY: the file named by');
  });
});
