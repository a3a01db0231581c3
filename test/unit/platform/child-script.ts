import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll } from '@jest/globals';
import { buildSync } from 'esbuild';

const root = resolve(import.meta.dirname, '../../..');

export interface ChildResult {
  code: number | null;
  signal: string | null;
  stdout: string;
}

/**
 * Bundles a script that may import the platform's files by path and runs it as a process of its own, for what one process cannot show
 * about itself: its death, its trust store. Call it inside `describe`: it tidies up after the last test.
 * @param script TypeScript; `PLATFORM/` stands for libs/platform/src
 */
export function childScript(script: string): (env?: Record<string, string>, args?: string[]) => Promise<ChildResult> {
  const folder = mkdtempSync(join(tmpdir(), 'mc-child-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const entry = join(folder, 'script.ts');
  const outfile = join(folder, 'script.mjs');
  writeFileSync(entry, script.replaceAll('PLATFORM/', `${root}/libs/platform/src/`));
  buildSync({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    alias: { '#contracts': `${root}/libs/contracts/src/index.ts` },
    banner: {
      js: `import { createRequire } from 'node:module'; const require = createRequire(${JSON.stringify(`${root}/package.json`)});`,
    },
    tsconfigRaw: { compilerOptions: { experimentalDecorators: true, useDefineForClassFields: false } },
    logLevel: 'error',
  });
  return (env = {}, args = []) =>
    new Promise((done) => {
      const child = execFile(
        process.execPath,
        [outfile, ...args],
        { env: { PATH: process.env.PATH, ...env } },
        (_, stdout) => done({ code: child.exitCode, signal: child.signalCode, stdout: String(stdout) }),
      );
    });
}
