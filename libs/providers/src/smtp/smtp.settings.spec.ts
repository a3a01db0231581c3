import { describe, expect, it } from '@jest/globals';
import { settingsProblemsOf } from '../registry/read-settings.js';
import { SmtpSettings } from './smtp.settings.js';

const problemsOf = (settings: Record<string, unknown>): string[] => [
  ...new Set(
    settingsProblemsOf(SmtpSettings, { host: 'mx.test', from: 'notice@mc.test', ...settings }).map(
      ({ field }) => field,
    ),
  ),
];

describe('settings of bounces', () => {
  it.each([
    { bounceAddress: 'bounce@example.com' },
    { bounceAddress: 'b.o_u-n.c-e@mail-1.example.com' },
    { bounceAddress: `${'b'.repeat(21)}@example.com` },
    { callbackToken: 'a-token_of_16-chr' },
    { dsn: 'failure' },
    { dsn: 'success_and_failure' },
  ])('%j is fine', (settings) => {
    expect(problemsOf(settings)).toEqual([]);
  });

  it.each([
    ['bounceAddress', `${'b'.repeat(22)}@example.com`],
    ['bounceAddress', 'bounce+x@example.com'],
    ['bounceAddress', 'bounce'],
    ['bounceAddress', 'Bounce <bounce@example.com>'],
    ['bounceAddress', 'a@b@example.com'],
    ['bounceAddress', ''],
    ['callbackToken', 'short'],
    ['callbackToken', 'with a space and more'],
    ['callbackToken', "quote'quote'quote'quote"],
    ['dsn', 'SUCCESS,FAILURE'],
    ['dsn', true],
  ])('%s %j is refused', (field, value) => {
    expect(problemsOf({ [field]: value })).toEqual([field]);
  });
});
