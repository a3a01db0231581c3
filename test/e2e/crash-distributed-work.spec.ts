import { CRASH_CASES } from '../support/crash-cases.js';
import { crashSuiteDistributed } from '../support/crash-suite.js';

crashSuiteDistributed(
  'kill -9 of the channel-worker and of reporting',
  CRASH_CASES.filter(({ app }) => app === 'channel-worker' || app === 'reporting'),
);
