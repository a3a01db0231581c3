import { CRASH_CASES } from '../support/crash-cases.js';
import { crashSuiteStandalone } from '../support/crash-suite.js';

crashSuiteStandalone(
  'kill -9 of the standalone process',
  CRASH_CASES.filter(({ needsBroker }) => !needsBroker),
);
