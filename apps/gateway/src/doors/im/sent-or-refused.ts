import type { ImRefusal, ImSent } from '#contracts';
import { ImError } from './im.error.js';

const WORDS: Readonly<Record<ImRefusal, string>> = {
  large_sync_once: '超大群不支持发送SyncOnce类型消息！',
  unstorable: '消息内容无法保存，请检查各字段！',
};

/** @throws ImError it was refused */
export function sentOrRefused(sent: ImSent): ImSent {
  if (sent.refusal) throw new ImError(WORDS[sent.refusal]);
  return sent;
}
