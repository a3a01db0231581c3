import type { RelayEntry } from '#contracts';
import { RELAY_CODES, type RelayCode } from './relay.codes.js';

/** `data` is left out when there is nothing. */
export interface RelayAnswer {
  success: 1;
  data?: object[];
}

export interface RelayRefusal {
  success: 0;
  code: string;
  error: string;
  /** Of a failure of ours. */
  requestId?: string;
}

export const done = (data: object[] = []): RelayAnswer => (data.length === 0 ? { success: 1 } : { success: 1, data });

export const refusal = (code: RelayCode): RelayRefusal => ({
  success: 0,
  code: RELAY_CODES[code][0],
  error: RELAY_CODES[code][1],
});

/** A message as its reader sees it. @param isShared of a mailbox that several admins share: says to whom it was sent */
export function shownEntry({ time, sender, receiver, redirect, body }: RelayEntry, isShared: boolean): object {
  const { content, nickname, icon, type } = body;
  return {
    time,
    content,
    md5_id: sender,
    ...(isShared ? { to_md5_id: receiver } : {}),
    ...(nickname === undefined ? {} : { nickname }),
    ...(icon === undefined ? {} : { icon }),
    ...(redirect === null ? {} : { redirect }),
    ...(type === undefined ? {} : { type }),
  };
}
