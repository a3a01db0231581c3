/** @jest-config-loader esbuild-register */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from 'jest';

/** Packages in one file each (scripts/test-packages.mjs makes them, `npm test` calls it); without them tests only take longer. */
const bundled = join(__dirname, 'dist/test-packages/list.json');
const packages = existsSync(bundled)
  ? (JSON.parse(readFileSync(bundled, 'utf8')) as { files: Record<string, string> })
  : null;
const toBundled = Object.fromEntries(
  Object.entries(packages?.files ?? {}).map(([name, file]) => [
    `^${name.replaceAll('.', '\\.')}$`,
    `<rootDir>/dist/test-packages/${file}`,
  ]),
);

/** One project per tier: `unit` needs nothing, `medium` a PostgreSQL, `broker` also a RabbitMQ, `e2e` whole processes. */
const tier = (displayName: string, testMatch: string[]): Config => ({
  displayName,
  testMatch,
  rootDir: '.',
  // What has tests or is tested; dist and its like are read for nothing.
  roots: ['<rootDir>/apps', '<rootDir>/libs', '<rootDir>/test'],
  testEnvironment: '<rootDir>/test/support/forgetting-environment.mjs',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: {
    ...toBundled,
    '^#(contracts|entities|messaging|platform|content|providers)$': '<rootDir>/libs/$1/src/index.ts',
    '^(\\.{1,2}/(?:(?!\\.json\\.js$).)*)\\.js$': '$1',
  },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
        },
        module: { type: 'es6' },
        sourceMaps: true,
      },
    ],
  },
});

const config: Config = {
  testTimeout: 60_000,
  // What a file leaves in its worker is some 30 MB: a worker of many files would spend its time collecting garbage.
  workerIdleMemoryLimit: '1500MB',
  testSequencer: '<rootDir>/test/support/mixed-tiers.sequencer.mjs',
  projects: [
    tier('unit', ['<rootDir>/apps/**/*.spec.ts', '<rootDir>/libs/**/*.spec.ts', '<rootDir>/test/unit/**/*.spec.ts']),
    tier('medium', ['<rootDir>/test/medium/**/*.spec.ts']),
    tier('broker', ['<rootDir>/test/broker/**/*.spec.ts']),
    tier('e2e', ['<rootDir>/test/e2e/**/*.spec.ts']),
  ],
};
export default config;
