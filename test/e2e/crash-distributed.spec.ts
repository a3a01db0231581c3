import { CRASH_CASES } from '../support/crash-cases.js';
import { crashSuiteDistributed } from '../support/crash-suite.js';

crashSuiteDistributed(
  'kill -9 of the gateway and the dispatcher',
  CRASH_CASES.filter(({ app }) => app === 'gateway' || app === 'dispatcher'),
);
