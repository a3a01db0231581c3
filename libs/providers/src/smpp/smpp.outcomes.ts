import { jitterMs } from '#platform';
import type { Outcome } from '../port/channel-provider.port.js';
import { STATUS } from './wire/pdu.js';

interface Meaning {
  /** As the specification calls it (SMPP 3.4 §5.1.3). */
  name: string;
  class: Outcome['class'];
}

const meanings = (kind: Outcome['class'], names: Record<number, string>): [number, Meaning][] =>
  Object.entries(names).map(([status, name]) => [Number(status), { name, class: kind }]);

/** What a refused submit means. The message centre has answered, so nothing was taken. */
const BY_STATUS: ReadonlyMap<number, Meaning> = new Map([
  ...meanings('retry', {
    0x02: 'ESME_RINVCMDLEN',
    0x04: 'ESME_RINVBNDSTS', // the session is not bound any more: another one may be
    0x05: 'ESME_RALYBND',
    0x08: 'ESME_RSYSERR',
    0x64: 'ESME_RX_T_APPN',
    0xff: 'ESME_RUNKNOWNERR',
  }),
  ...meanings('rate_limited', { 0x14: 'ESME_RMSGQFUL', 0x58: 'ESME_RTHROTTLED' }),
  ...meanings('bad_recipient', { 0x0b: 'ESME_RINVDSTADR' }),
  ...meanings('bad_content', {
    0x01: 'ESME_RINVMSGLEN',
    0x45: 'ESME_RSUBMITFAIL',
    0x65: 'ESME_RX_P_APPN',
    0x66: 'ESME_RX_R_APPN',
    0xfe: 'ESME_RDELIVERYFAILURE',
  }),
  // What these complain of stands in the settings, or the centre does not take what every submit of ours holds.
  ...meanings('bad_config', {
    0x03: 'ESME_RINVCMDID',
    0x06: 'ESME_RINVPRTFLG',
    0x07: 'ESME_RINVREGDLVFLG',
    0x0a: 'ESME_RINVSRCADR',
    0x0d: 'ESME_RBINDFAIL',
    0x0e: 'ESME_RINVPASWD',
    0x0f: 'ESME_RINVSYSID',
    0x15: 'ESME_RINVSERTYP',
    0x43: 'ESME_RINVESMCLASS',
    0x48: 'ESME_RINVSRCTON',
    0x49: 'ESME_RINVSRCNPI',
    0x50: 'ESME_RINVDSTTON',
    0x51: 'ESME_RINVDSTNPI',
    0x53: 'ESME_RINVSYSTYP',
    0x61: 'ESME_RINVSCHED',
    0x62: 'ESME_RINVEXPIRY',
  }),
]);

/** "Slow down": nothing more is written for this long. */
export const THROTTLE_PAUSE_MS = 1_000;
const QUEUE_FULL_PAUSE_MS = 5_000;
const PAUSE_SPREAD = 0.2;

/** Outcome of a submit that was answered with a status other than 0. A status we do not know is tried again: it was not taken. */
export function outcomeOfStatus(status: number): Outcome {
  const meaning = BY_STATUS.get(status);
  const outcome: Outcome = {
    class: meaning?.class ?? 'retry',
    code: codeOf(status),
    words: meaning?.name ?? 'unknown command_status',
  };
  if (outcome.class !== 'rate_limited') return outcome;
  const pauseMs = status === STATUS.throttled ? THROTTLE_PAUSE_MS : QUEUE_FULL_PAUSE_MS;
  return { ...outcome, retryAfterMs: jitterMs(pauseMs, PAUSE_SPREAD) };
}

/** Nothing but an administrator mends these. */
const SURE_BIND_REFUSALS: ReadonlySet<number> = new Set([0x02, 0x03, 0x0e, 0x0f, 0x53]);
/** The centre or the session before this one is at fault, however often. */
const PASSING_BIND_REFUSALS: ReadonlySet<number> = new Set([0x04, 0x05, 0x08, 0x14, 0x58, 0x64, 0xff]);
/** A centre that allows few sessions says "bind failed" while one that is just ending still counts. */
const PATIENT_BINDS = 5;

/** Outcome of all that waits for a session the message centre refuses. @param tries refusals in a row, this one included */
export function outcomeOfBindRefusal(status: number, tries: number): Outcome {
  const isPassing = PASSING_BIND_REFUSALS.has(status) || (tries <= PATIENT_BINDS && !SURE_BIND_REFUSALS.has(status));
  const words = `bind refused: ${BY_STATUS.get(status)?.name ?? 'unknown command_status'}`;
  return { class: isPassing ? 'retry' : 'bad_config', code: codeOf(status), words };
}

const codeOf = (status: number): string => `0x${status.toString(16).padStart(2, '0').toUpperCase()}`;
