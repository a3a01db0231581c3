import { hasBadUnicode } from '#content';
import type { ClientPacket, HeaderFlags } from '../protocol/client-protocol.port.js';

/** Says which call it is about where that could be read; its text is part of the protocol. */
export class JsonRpcError extends Error {
  constructor(
    message: string,
    readonly requestId: string | null,
  ) {
    super(`jsonrpc: ${message}`);
  }
}

type Fields = Record<string, unknown>;

const SETTING_BITS = { receipt: 1 << 7, signal: 1 << 5, topic: 1 << 3 } as const;

/** Reads one call. @throws JsonRpcError */
export function readCall(text: string): ClientPacket {
  const call = parse(text);
  const requestId = idOf(call);
  if (call['jsonrpc'] !== undefined && call['jsonrpc'] !== '2.0')
    throw new JsonRpcError('version must be 2.0', requestId);
  const { method } = call;
  if (typeof method !== 'string') throw new JsonRpcError('method is missing', requestId);
  const params = new Params(call['params'], requestId);
  if (requestId === null) {
    if (method === 'recvack') return recvackOf(params);
    if (method === 'disconnect') return { kind: 'disconnect' };
    throw new JsonRpcError(`unknown notification: ${method.slice(0, 64)}`, null);
  }
  switch (method) {
    case 'connect':
      return {
        kind: 'connect',
        requestId,
        deviceFlag: params.int('deviceFlag'),
        deviceId: params.text('deviceId'),
        uid: params.text('uid'),
        token: params.text('token'),
        clientTimestampMs: params.int('clientTimestamp'),
        refusal: null,
      };
    case 'send':
      return sendOf(params, requestId);
    case 'ping':
      return { kind: 'ping', requestId };
    case 'disconnect':
      return { kind: 'disconnect' };
    default:
      throw new JsonRpcError(`unknown method: ${method.slice(0, 64)}`, requestId);
  }
}

function sendOf(params: Params, requestId: string): ClientPacket {
  const setting = params.object('setting');
  return {
    kind: 'send',
    requestId,
    header: headerOf(params.object('header')),
    setting: Object.entries(SETTING_BITS).reduce(
      (bits, [name, bit]) => (setting[name] === true ? bits | bit : bits),
      0,
    ),
    clientSeq: 0,
    clientMsgNo: params.text('clientMsgNo'),
    streamNo: '',
    channelId: params.text('channelId'),
    channelType: params.int('channelType', 255),
    expire: params.int('expire', 0xffff_ffff),
    topic: params.text('topic'),
    payload: params.base64('payload'),
  };
}

function recvackOf(params: Params): ClientPacket {
  const messageId = params.text('messageId');
  if (!/^\d{1,19}$/.test(messageId)) throw new JsonRpcError('messageId is no number', null);
  return {
    kind: 'recvack',
    header: headerOf(params.object('header')),
    messageId,
    messageSeq: params.int('messageSeq', 0xffff_ffff),
  };
}

const headerOf = (given: Fields): HeaderFlags => ({
  noPersist: given['noPersist'] === true,
  redDot: given['redDot'] === true,
  syncOnce: given['syncOnce'] === true,
  dup: given['dup'] === true,
});

function parse(text: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new JsonRpcError('not JSON', null);
  }
  if (!isFields(value)) throw new JsonRpcError('not an object', null);
  return value;
}

function idOf({ id }: Fields): string | null {
  if (id === undefined) return null;
  if (typeof id !== 'string' || id.length > 256) throw new JsonRpcError('id must be a string', null);
  return id;
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Parameters of one call; what is absent is empty or zero. */
class Params {
  private readonly given: Fields;

  constructor(
    given: unknown,
    private readonly requestId: string | null,
  ) {
    if (given !== undefined && given !== null && !isFields(given))
      throw new JsonRpcError('params must be an object', requestId);
    this.given = given ?? {};
  }

  text(name: string): string {
    const value = this.given[name] ?? '';
    if (typeof value === 'string' && !hasBadUnicode(value)) return value;
    throw this.wrong(name, 'a text');
  }

  int(name: string, max = Number.MAX_SAFE_INTEGER): number {
    const value = this.given[name] ?? 0;
    if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= max) return value;
    throw this.wrong(name, 'a whole number');
  }

  object(name: string): Fields {
    const value = this.given[name] ?? {};
    if (isFields(value)) return value;
    throw this.wrong(name, 'an object');
  }

  base64(name: string): Buffer {
    const text = this.text(name);
    if (/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text))
      return Buffer.from(text, 'base64');
    throw this.wrong(name, 'base64');
  }

  private wrong(name: string, wanted: string): JsonRpcError {
    return new JsonRpcError(`${name} must be ${wanted}`, this.requestId);
  }
}
