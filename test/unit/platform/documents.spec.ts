import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { CONFIGS, Metrics, envExample } from '#platform';

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

/** Every setting with the text above it, which tells whether it may come from a file. */
const SETTINGS = [...envExample(CONFIGS).matchAll(/^# (.*)\n#?([A-Z][A-Z0-9_]*)=/gm)].map(
  ([, meaning = '', name = '']) => ({
    name,
    isSecret: meaning.includes(`${name}_FILE`),
  }),
);

describe.each(['README.md', 'README.zh-CN.md'])('the settings of %s', (file) => {
  const text = read(file);
  const named = [...text.matchAll(/`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)`( ¹)?/g)].map(([, name, mark]) => ({ name, mark }));

  it('name every setting there is', () => {
    expect(SETTINGS.length).toBeGreaterThan(40);
    expect(SETTINGS.map(({ name }) => name).filter((name) => !named.some((one) => one.name === name))).toEqual([]);
  });

  it('mark those that may come from a file, and no others', () => {
    const marked = new Set(named.filter(({ mark }) => mark).map(({ name }) => name));
    expect([...marked].sort()).toEqual(
      SETTINGS.filter(({ isSecret }) => isSecret)
        .map(({ name }) => name)
        .sort(),
    );
  });
});

describe('docs/operations.md', () => {
  it('tells of every figure of our own', async () => {
    const text = read('docs/operations.md');
    const names = [...(await new Metrics().exposition()).matchAll(/^# TYPE (mc_\w+)/gm)].map(([, name = '']) => name);
    expect(names.length).toBeGreaterThan(15);
    expect(names.filter((name) => !text.includes(`\`${name}`))).toEqual([]);
  });
});
