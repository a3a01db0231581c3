import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const ROOT = resolve(import.meta.dirname, '../../..');
/** A project of one line, so that the programs of this one are left alone. */
let project: string;

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'message-center-bundle-'));
  cpSync(join(ROOT, 'scripts'), join(project, 'scripts'), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(project, 'node_modules'));
  for (const program of ['apps/one/src/main.js', 'libs/entities/src/migrate.js']) {
    mkdirSync(join(project, 'dist', dirname(program)), { recursive: true });
    writeFileSync(join(project, 'dist', program), 'export const one = 1;\n');
  }
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

/** The script's own children that are still alive after a moment in which they could end. */
const SCRIPT = `
  import { readdirSync, readFileSync } from 'node:fs';
  import { setTimeout as sleep } from 'node:timers/promises';
  import { bundle } from './scripts/lib/bundle.mjs';
  const statOf = (pid) => {
    try {
      return readFileSync('/proc/' + pid + '/stat', 'utf8').split(') ').at(-1).split(' ');
    } catch {
      return [];
    }
  };
  const isChild = ([state, parent]) => Number(parent) === process.pid && state !== 'Z';
  const children = () => readdirSync('/proc').filter((name) => isChild(statOf(name))).length;
  await bundle();
  for (let i = 0; i < 100 && children() > 0; i++) await sleep(20);
  console.log(children());
  process.exit(0);`;

(process.platform === 'linux' ? describe : describe.skip)('bundle (looked at in /proc)', () => {
  it('leaves no process behind: whoever has bundled goes on as the program', () => {
    const line = ['--input-type=module', '-e', SCRIPT];
    const { stdout, stderr } = spawnSync(process.execPath, line, { cwd: project, encoding: 'utf8' });
    expect({ stdout, stderr }).toEqual({ stdout: '0\n', stderr: '' });
    expect(existsSync(join(project, 'dist/bundle/one.js'))).toBe(true);
  });
});
