import { Failpoints } from './failpoints.js';

/** Instead of points: those that the parent process sends while this one runs. */
const FROM_PARENT = 'from-parent';

const crash = (): void => void process.kill(process.pid, 'SIGKILL');
const specification = process.env.FAILPOINTS;
let failpoints = specification && specification !== FROM_PARENT ? new Failpoints(specification, crash) : null;
if (specification === FROM_PARENT) listenToParent();

/**
 * A step at which a crash must do no harm. Does nothing unless the environment variable FAILPOINTS names it; then it may end this
 * process with SIGKILL, as a power failure would. For fault tests; never set it in production.
 */
export function failpoint(name: string): void {
  if (failpoints !== null) failpoints.pass(name);
}

/** Messages `{ failpoints: string }` over the channel of a forked process, each answered with itself once it holds. */
function listenToParent(): void {
  process.on('message', (message: { failpoints?: unknown }) => {
    if (typeof message?.failpoints !== 'string') return;
    failpoints = new Failpoints(message.failpoints, crash);
    process.send?.(message);
  });
  process.channel?.unref(); // the channel alone keeps no process alive
}
