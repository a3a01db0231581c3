import { rspCodeOf, rspMsgOf, type PlatformCode } from './platform.codes.js';

/** Every answer of the door, its keys in this order. */
export interface PlatformAnswer<T> {
  rspCode: string;
  rspMsg: string;
  /** Always null; only the calls whose example in the published interface shows it carry it. */
  debuggerErrorMsg?: null;
  resultData: T;
}

/** An answer that is not `操作完成` says so by its code. */
export const answer = <T>(resultData: T, code: PlatformCode = 'done'): PlatformAnswer<T> => ({
  rspCode: rspCodeOf(code),
  rspMsg: rspMsgOf(code),
  resultData,
});

/** For the calls that carry `debuggerErrorMsg`. */
export const answerWithDebug = <T>(resultData: T): PlatformAnswer<T> => ({
  rspCode: rspCodeOf('done'),
  rspMsg: rspMsgOf('done'),
  debuggerErrorMsg: null,
  resultData,
});

export const refusal = (rspCode: string, rspMsg: string, hasDebug: boolean): PlatformAnswer<null> => ({
  rspCode,
  rspMsg,
  ...(hasDebug ? { debuggerErrorMsg: null } : {}),
  resultData: null,
});
