import { AppError, ERROR_KINDS, type ErrorKind } from '#contracts';
import { readPayload } from './contract.js';
import { MAX_PAYLOAD_BYTES } from './payload.js';
import type { Answerer, MessagingLogger } from './transport.js';

interface ReplyError {
  code: string;
  kind: ErrorKind;
  message: string;
  details: Record<string, unknown>;
}
type Reply = { ok: true; value?: unknown } | { ok: false; error: ReplyError };

/** Runs the answerer and puts its answer or error into an envelope. Never throws. */
export async function answerRequest(answerer: Answerer, content: Buffer, logger: MessagingLogger): Promise<Buffer> {
  const reading = readPayload(content, answerer.contract);
  if (!reading.ok) {
    return encodeRpcError(
      new AppError('RPC_INVALID', 'invalid', 'The request is malformed.', { reason: reading.reason }),
    );
  }
  try {
    const answer = Buffer.from(JSON.stringify({ ok: true, value: await answerer.answer(reading.payload) }));
    if (answer.length <= MAX_PAYLOAD_BYTES) return answer;
    logger.error({ pattern: answerer.pattern, bytes: answer.length }, 'RPC answer too large');
  } catch (error) {
    if (error instanceof AppError) return encodeRpcError(error);
    logger.error({ err: error, pattern: answerer.pattern }, 'RPC handler failed unexpectedly');
  }
  return encodeRpcError(new AppError('INTERNAL', 'bug', 'The request failed inside the center.'));
}

/** Code, kind, message and details cross; stack and cause stay where they happened. */
export function encodeRpcError({ code, kind, message, details }: AppError): Buffer {
  const reply: Reply = { ok: false, error: { code, kind, message, details } };
  try {
    return Buffer.from(JSON.stringify(reply));
  } catch {
    return encodeRpcError(new AppError(code, kind, message)); // details that are not JSON stay behind
  }
}

/** @throws AppError the other side's error */
export function readReply<T>(content: Buffer): T {
  const reply = JSON.parse(content.toString('utf8')) as Reply;
  if (reply.ok) return reply.value as T;
  const { code, kind, message, details } = reply.error;
  throw new AppError(code, ERROR_KINDS.includes(kind) ? kind : 'bug', message, details);
}
