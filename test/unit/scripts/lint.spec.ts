import { describe, expect, it } from '@jest/globals';
import { ESLint } from 'eslint';

const lint = new ESLint({ cwd: new URL('../../..', import.meta.url).pathname });

/** What lint says of the code in each room of the product. */
async function complaints(code: string): Promise<string[]> {
  const rooms = [
    'apps/gateway/src/a.ts',
    'apps/standalone/src/a.ts',
    'libs/platform/src/a.ts',
    'libs/providers/src/a.ts',
  ];
  const results = await Promise.all(rooms.map((filePath) => lint.lintText(`export const x = ${code};`, { filePath })));
  return results.flat().map(({ messages }) => messages.map(({ ruleId }) => ruleId).join());
}

describe('lint', () => {
  it.each([
    'given === secret',
    'signature !== own.signature',
    'appSecret == body.appPassword',
    'request.headers.signature === signed()',
    "{ rejectUnauthorized: false, ca: '' }",
  ])('refuses `%s` everywhere', async (code) => {
    expect(await complaints(code)).toEqual(Array(4).fill('no-restricted-syntax'));
  });

  it.each([
    ['/^(?:a+b?)+$/.test(x)', 'backtracking'],
    ["x.replace(/\\/+$/, '')", 'move'],
  ])('refuses `%s`, which may take the square of the length or more', async (code, what) => {
    expect(await complaints(code)).toEqual(Array(4).fill(`regexp/no-super-linear-${what}`));
  });

  it.each([
    "signature === ''",
    'secret !== undefined',
    'null === app.secret',
    'safeEqual(given, secret)',
    'token === refused',
    '{ rejectUnauthorized: true }',
    String.raw`x.replace(/(?<!\/)\/+$/, '')`,
  ])('has nothing against `%s`', async (code) => {
    expect(await complaints(code)).toEqual(['', '', '', '']);
  });
});
