import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { CONFIGS, envExample } from '#platform';

const file = readFileSync(new URL('../../../.env.example', import.meta.url), 'utf8');
const namesIn = (text: string) => [...text.matchAll(/^#?([A-Z][A-Z0-9_]*)=/gm)].map((match) => match[1]);

describe('.env.example', () => {
  it('shows every setting of every config class and nothing else', () => {
    const expected = envExample(CONFIGS);
    expect(namesIn(file)).toEqual(namesIn(expected));
    expect(file).toBe(expected);
  });

  it('names no setting twice', () => {
    const names = namesIn(file);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThan(20);
  });

  it('sets only defaults, so that a copy of it changes nothing', () => {
    const active = file.split('\n').filter((line) => /^[A-Z]/.test(line));
    expect(active).toContain('PORT=3000');
    expect(active.filter((line) => /TOKEN|KEY|URL|SECRET/.test(line))).toEqual([]);
  });
});
