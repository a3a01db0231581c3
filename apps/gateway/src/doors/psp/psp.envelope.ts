import { PSP_CODES, type PspCode } from './psp.codes.js';

export interface PspAnswer<T extends object> {
  ret: 'SUCCESS';
  data: T;
}

export interface PspRefusal {
  ret: 'FAIL';
  data: {
    error_code: number;
    error_msg: string;
    /** Of a failure of ours. */
    requestId?: string;
  };
}

export const success = <T extends object>(data: T): PspAnswer<T> => ({ ret: 'SUCCESS', data });

export const refusal = (code: PspCode, message: string, requestId?: string): PspRefusal => ({
  ret: 'FAIL',
  data: { error_code: PSP_CODES[code][0], error_msg: message, ...(requestId === undefined ? {} : { requestId }) },
});
