import { answer, type PlatformAnswer } from './platform.envelope.js';

/** One receiver's to-do. */
interface Step {
  /** The per-delivery reference. */
  stepId: string;
  rspCode: string;
  rspMsg: string;
}

export interface TodoStatus {
  total: number;
  flowId: string;
  msglist: Step[];
}

/** @param refs the per-delivery references of the to-dos that are in the asked state now */
export function todoStatusAnswer(msgId: string, refs: readonly string[]): PlatformAnswer<TodoStatus> {
  const msglist = refs.map((stepId) => ({ stepId, rspCode: '000000', rspMsg: '操作成功' }));
  return answer({ total: msglist.length, flowId: msgId, msglist });
}
