import { describe, expect, it } from '@jest/globals';
import { outcomeOfConnectError, outcomeOfLoss } from '../connection/connection-outcomes.js';
import { outcomeOfBindRefusal, outcomeOfStatus } from './smpp.outcomes.js';

describe('outcome of a submit’s command_status', () => {
  it.each([
    [0x14, 'rate_limited', 'ESME_RMSGQFUL'],
    [0x58, 'rate_limited', 'ESME_RTHROTTLED'],
    [0x64, 'retry', 'ESME_RX_T_APPN'],
    [0x08, 'retry', 'ESME_RSYSERR'],
    [0x02, 'retry', 'ESME_RINVCMDLEN'],
    [0x04, 'retry', 'ESME_RINVBNDSTS'],
    [0x05, 'retry', 'ESME_RALYBND'],
    [0xff, 'retry', 'ESME_RUNKNOWNERR'],
    [0x0d, 'bad_config', 'ESME_RBINDFAIL'],
    [0x0e, 'bad_config', 'ESME_RINVPASWD'],
    [0x0f, 'bad_config', 'ESME_RINVSYSID'],
    [0x0b, 'bad_recipient', 'ESME_RINVDSTADR'],
    [0x0a, 'bad_config', 'ESME_RINVSRCADR'],
    [0x48, 'bad_config', 'ESME_RINVSRCTON'],
    [0x50, 'bad_config', 'ESME_RINVDSTTON'],
    [0x01, 'bad_content', 'ESME_RINVMSGLEN'],
    [0x45, 'bad_content', 'ESME_RSUBMITFAIL'],
    [0x65, 'bad_content', 'ESME_RX_P_APPN'],
    [0x66, 'bad_content', 'ESME_RX_R_APPN'],
    [0x0401, 'retry', 'unknown command_status'],
  ])('0x%s is %s', (status, kind, words) => {
    expect(outcomeOfStatus(status)).toMatchObject({ class: kind, words });
  });

  it('names the status as the vendors’ tables do', () => {
    expect(outcomeOfStatus(0x0b).code).toBe('0x0B');
    expect(outcomeOfStatus(0x0401).code).toBe('0x401');
  });

  it('says for how long to be quiet only where the centre asked for quiet', () => {
    expect(outcomeOfStatus(0x58).retryAfterMs).toBeLessThan(outcomeOfStatus(0x14).retryAfterMs ?? 0);
    expect(outcomeOfStatus(0x08).retryAfterMs).toBeUndefined();
  });
});

describe('outcome of a refused bind', () => {
  it.each([
    [0x0e, 1, 'bad_config'],
    [0x0f, 1, 'bad_config'],
    [0x53, 1, 'bad_config'],
    [0x0d, 5, 'retry'],
    [0x0d, 6, 'bad_config'],
    [0x0401, 5, 'retry'],
    [0x0401, 6, 'bad_config'],
    [0x05, 100, 'retry'],
    [0x08, 100, 'retry'],
    [0x58, 100, 'retry'],
  ])('0x%s at try %s is %s', (status, tries, kind) => {
    expect(outcomeOfBindRefusal(status, tries).class).toBe(kind);
  });
});

describe('outcome of a failed connection', () => {
  it.each([
    ['ECONNREFUSED', 'connection_refused'],
    ['ENOTFOUND', 'host_not_found'],
    ['ETIMEDOUT', 'timeout'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls_failed'],
    ['EPROTO', 'tls_failed'],
    ['EHOSTUNREACH', 'connection_failed'],
  ])('%s is a retry, %s', (code, word) => {
    const error = Object.assign(new Error('no way in with s3cret-p'), { code });
    expect(outcomeOfConnectError(error, ['s3cret-p'])).toEqual({
      class: 'retry',
      code: word,
      words: 'no way in with ***',
    });
  });

  it('depends on whether the submit was written', () => {
    expect(outcomeOfLoss(true, 'timeout')).toEqual({ class: 'unknown_outcome', code: 'timeout' });
    expect(outcomeOfLoss(false, 'timeout')).toEqual({ class: 'retry', code: 'timeout' });
  });
});
