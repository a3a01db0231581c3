import * as regexp from 'eslint-plugin-regexp';
import tseslint from 'typescript-eslint';

const SECRET_NAME = '/(secret|signature|password|hmac|mac)$/i';
const comparedAs = (side, other) =>
  ['', 'property.'].map(
    (path) =>
      `BinaryExpression[operator=/^[!=]==?$/][${side}.${path}name=${SECRET_NAME}][${other}.type!='Literal']:not([${other}.type='Identifier'][${other}.name='undefined'])`,
  );

/** Holds everywhere in the product. */
const SAFE = [
  {
    selector: "Property[key.name='rejectUnauthorized'][value.value=false]",
    message: 'A certificate that is not checked proves nothing: give the authority instead.',
  },
  {
    selector: [...comparedAs('left', 'right'), ...comparedAs('right', 'left')].join(', '),
    message: 'How long === takes tells how much of a secret was right: compare with safeEqual() of #platform.',
  },
];

/** Which of two ways to write the same is a matter of taste. In words for people and in OpenAPI a pattern has no flags. */
const REGEXP_TASTE = ['prefer-w', 'use-ignore-case', 'no-obscure-range', 'prefer-character-class'];

export default tseslint.config(
  { ignores: ['dist/**', 'node_modules/**', '.data/**', 'test/output/**', 'bench/results/**'] },
  ...tseslint.configs.recommended,
  regexp.configs.recommended,
  {
    rules: {
      ...Object.fromEntries(REGEXP_TASTE.map((rule) => [`regexp/${rule}`, 'off'])),
      'regexp/match-any': ['error', { allows: ['[^]', '[\\s\\S]', 'dotAll'] }],
      'regexp/no-super-linear-move': 'error',
      'no-control-regex': 'off', // they are looked for on purpose
    },
  },
  {
    files: ['**/*.ts'],
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'off', // decorator metadata needs value imports of injected classes
      '@typescript-eslint/no-extraneous-class': 'off', // Nest modules are empty classes
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-console': 'error',
      'no-restricted-properties': [
        'error',
        {
          object: 'Math',
          property: 'random',
          message: 'Ids and tokens need node:crypto; for jitter use jitter() of #platform.',
        },
      ],
    },
  },
  { files: ['apps/**/*.ts', 'libs/**/*.ts'], rules: { 'no-restricted-syntax': ['error', ...SAFE] } },
  {
    files: ['apps/**/*.ts', 'libs/**/*.ts'],
    ignores: ['libs/platform/**', '**/*.spec.ts', 'apps/standalone/src/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...SAFE,
        {
          selector: "MemberExpression[object.name='process'][property.name='env']",
          message: 'Only libs/platform reads process.env: add a field to a config class and inject it.',
        },
      ],
    },
  },
  { files: ['scripts/**', 'bench/**', 'test/**', 'apps/standalone/src/**'], rules: { 'no-console': 'off' } },
);
