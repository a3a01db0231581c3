import { Failpoints } from './failpoints.js';

const specification = process.env.FAILPOINTS;
const failpoints = specification ? new Failpoints(specification, () => process.kill(process.pid, 'SIGKILL')) : null;

/**
 * A step at which a crash must do no harm. Does nothing unless the environment variable FAILPOINTS names it; then it may end this
 * process with SIGKILL, as a power failure would. For fault tests; never set it in production.
 */
export function failpoint(name: string): void {
  if (failpoints !== null) failpoints.pass(name);
}
