import type { Outcome } from '../port/channel-provider.port.js';
import type { Errcode } from '../vendor-api/errcode-api.js';

const CLASSES: ReadonlyMap<number, Outcome['class']> = new Map([
  [-1, 'retry'], // busy
  [130101, 'rate_limited'], // more than 20 a minute
  [410100, 'rate_limited'],
  [310000, 'bad_config'], // keyword, signature, time or IP
  [300001, 'bad_config'], // no such token
  [400013, 'bad_config'], // the group is gone
  [400101, 'bad_config'], // no such token
  [400102, 'bad_config'], // the robot is switched off
  [400106, 'bad_config'], // no such robot
  [40035, 'bad_content'],
  [43004, 'bad_content'],
  [400105, 'bad_content'], // form not supported
  [430101, 'bad_content'], // unsafe link
  [430102, 'bad_content'], // forbidden words
  [430103, 'bad_content'], // forbidden picture
  [430104, 'bad_content'], // both
  [460101, 'bad_content'], // too long
]);

/** For so long DingTalk takes nothing from a robot that was too fast. */
const PENALTY_MS = 600_000;

/** Outcome of an errcode. One that nobody knows yet has posted nothing and is tried again. */
export function outcomeOfRobotCode({ code }: Errcode): Omit<Outcome, 'code' | 'words'> {
  const outcomeClass = CLASSES.get(code) ?? 'retry';
  if (outcomeClass === 'rate_limited') return { class: outcomeClass, retryAfterMs: PENALTY_MS, isAccountWide: true };
  return { class: outcomeClass };
}
