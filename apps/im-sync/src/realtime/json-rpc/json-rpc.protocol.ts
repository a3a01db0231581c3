import type {
  ClientPacket,
  ClientProtocol,
  ConnectAnswer,
  Frame,
  HeaderFlags,
  Push,
  PushView,
  SendAnswer,
} from '../protocol/client-protocol.port.js';
import { REASON, type Reason } from '../protocol/reason-codes.js';
import { JsonRpcError, readCall } from './json-rpc-reader.js';

const SERVER_VERSION = 5;
/** Clients only show it; which process a session is at is nothing they may rely on. */
const NODE_ID = 1;

/** Names by which clients know why they were refused. */
const REFUSALS: Partial<Record<Reason, string>> = {
  [REASON.authFail]: 'ReasonAuthFail',
  [REASON.systemError]: 'ReasonSystemError',
  [REASON.banned]: 'ReasonBan',
};

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** What was written of a message, by what differs among its readers: nothing is enciphered here, so many get the same. */
const WRITTEN = new WeakMap<Push, Map<string, string>>();

/** JSON-RPC 2.0, one object a text frame. Keeps nothing between frames: one object serves all connections. */
export class JsonRpcProtocol implements ClientProtocol {
  read(data: Buffer): ClientPacket[] {
    try {
      return [readCall(textOf(data))];
    } catch (error) {
      if (!(error instanceof JsonRpcError)) throw error;
      return [{ kind: 'unknown', answer: refusal(error.requestId, 0, error.message) }];
    }
  }

  connack({ requestId, reason, timeDiffMs }: ConnectAnswer): Frame {
    // Clients take any result for a success, whatever its reason code says.
    if (reason !== REASON.success) return refusal(requestId, reason, REFUSALS[reason] ?? 'ReasonUnknown');
    return answer(requestId, {
      serverVersion: SERVER_VERSION,
      timeDiff: timeDiffMs,
      reasonCode: reason,
      nodeId: NODE_ID,
    });
  }

  connectedAlready(requestId: string | null): Frame {
    return refusal(requestId, 0, 'jsonrpc: connected already');
  }

  sendack({ requestId, header, messageId, messageSeq, reason }: SendAnswer): Frame {
    return answer(requestId, { header: shownHeader(header), messageId, messageSeq, reasonCode: reason });
  }

  recv(push: Push, view: PushView): Frame | null {
    if (push.streamSeq > 0) return null;
    const key = `${view.redDot}${view.dup}${view.messageSeq} ${view.channelId}`;
    let written = WRITTEN.get(push);
    if (!written) WRITTEN.set(push, (written = new Map<string, string>()));
    const frame = written.get(key) ?? recvOf(push, view);
    written.set(key, frame);
    return frame;
  }

  pong(requestId: string | null): Frame {
    return answer(requestId);
  }

  suback(): null {
    return null;
  }

  disconnect(reasonCode: Reason, reason: string): Frame {
    return JSON.stringify({ jsonrpc: '2.0', method: 'disconnect', params: { reasonCode, reason } });
  }
}

function textOf(data: Buffer): string {
  try {
    return utf8.decode(data);
  } catch {
    throw new JsonRpcError('not UTF-8', null);
  }
}

function recvOf(push: Push, view: PushView): string {
  const { noPersist, syncOnce, setting, expire, topic } = push;
  return JSON.stringify({
    jsonrpc: '2.0',
    method: 'recv',
    params: {
      header: shownHeader({ noPersist, syncOnce, redDot: view.redDot, dup: view.dup }),
      setting: shownSetting(setting, topic),
      expire: expire || undefined,
      messageId: push.messageId,
      messageSeq: view.messageSeq,
      clientMsgNo: push.clientMsgNo,
      timestamp: push.timestamp,
      channelId: view.channelId,
      channelType: push.channelType,
      topic: topic || undefined,
      fromUid: push.fromUid,
      payload: push.payload.toString('base64'),
    },
  });
}

const answer = (id: string | null, result?: object): string => JSON.stringify({ jsonrpc: '2.0', id, result });

const refusal = (id: string | null, code: number, message: string): string =>
  JSON.stringify({ jsonrpc: '2.0', id: id ?? undefined, error: { code, message } });

/** Only what is set; undefined where nothing is. */
const shownHeader = ({ noPersist, redDot, syncOnce, dup }: HeaderFlags): object | undefined =>
  shown({ noPersist, redDot, syncOnce, dup });

const shownSetting = (setting: number, topic: string): object | undefined =>
  shown({ receipt: (setting & 128) !== 0, signal: (setting & 32) !== 0, topic: topic !== '' });

function shown(flags: Record<string, boolean>): object | undefined {
  const set = Object.entries(flags).filter(([, isSet]) => isSet);
  return set.length === 0 ? undefined : Object.fromEntries(set);
}
