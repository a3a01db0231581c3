import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';

const ROOT = resolve(import.meta.dirname, '../../..');

/**
 * Bounded by amounts of work, never by a clock, so that the verdict does not depend on the machine. Expressions whose automaton is
 * larger are attacked with random texts instead.
 */
const BOUNDS = {
  timeout: null,
  attackTimeout: null,
  incubationTimeout: null,
  recallTimeout: -1, // none: there is no other process that could try it
  seedingTimeout: null,
  randomSeed: 1,
  maxNFASize: 500,
  maxIteration: 2,
  maxInitialGenerationSize: 40,
  maxGenerationSize: 15,
  crossoverSize: 5,
  mutationSize: 5,
  attackLimit: 5_000_000,
} as const;

/** Every source by its name in the project, as a tree. */
function* sources(): Generator<ts.SourceFile> {
  for (const room of ['apps', 'libs']) {
    for (const file of readdirSync(join(ROOT, room), { withFileTypes: true, recursive: true })) {
      if (!file.isFile() || !/\.(?:ts|js|mjs)$/.test(file.name) || /\.spec\.ts$/.test(file.name)) continue;
      const path = join(file.parentPath, file.name);
      yield ts.createSourceFile(relative(ROOT, path), readFileSync(path, 'utf8'), ts.ScriptTarget.Latest);
    }
  }
}

/** The expressions as they are written, with all places of each. */
function literals(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const source of sources()) {
    const visit = (node: ts.Node): void => {
      if (ts.isRegularExpressionLiteral(node)) {
        const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
        found.set(node.text, [...(found.get(node.text) ?? []), `${source.fileName}:${line + 1}`]);
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return found;
}

/** In a process of its own: among the globals of Jest the checker takes nine times as long. Its form in JavaScript is the same on every machine. */
const CHECK = `
  const { checkSync } = require('recheck');
  const { literals, bounds } = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
  const statusOf = (literal, end = literal.lastIndexOf('/')) =>
    checkSync(literal.slice(1, end), literal.slice(end + 1), bounds).status;
  process.stdout.write(JSON.stringify(literals.filter((literal) => statusOf(literal) === 'vulnerable')));
`;

function vulnerable(literals: readonly string[]): string[] {
  const checked = execFileSync(process.execPath, ['-e', CHECK], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], RECHECK_SYNC_BACKEND: 'pure' },
    input: JSON.stringify({ literals, bounds: BOUNDS }),
    encoding: 'utf8',
  });
  return JSON.parse(checked) as string[];
}

describe('the regular expressions of apps and libs', () => {
  it('would be found out where one is vulnerable', () => {
    const known = [
      String.raw`/^(?:a+)+$/`,
      String.raw`/\/+$/`,
      String.raw`/\n\s+at /`,
      String.raw`/(\d+)\.(\d+)\.(\d+)\.(\d+)$/`,
      String.raw`/^(?=(?:\w|\d)+!).{8,64}$/i`,
    ];
    expect(vulnerable([...known, '/^a{8,64}$/', '/(?<!a)a+$/'])).toEqual(known);
  });

  it('take a time that grows no faster than the text', () => {
    const places = literals();
    expect(places.size).toBeGreaterThan(200);
    expect(vulnerable([...places.keys()]).map((literal) => [literal, places.get(literal)])).toEqual([]);
  });
});
