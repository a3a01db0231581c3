import { AppError } from '#contracts';
import { answerRequest, encodeRpcError } from '../rpc-reply.js';
import type { Answerer, MessagingLogger } from '../transport.js';
import type { RabbitRpc } from './rabbit-rpc.js';
import type { Held } from './rabbit-subscription.js';

/** Answers one request and acknowledges it. */
export async function answer(answerer: Answerer, held: Held, rpc: RabbitRpc, logger: MessagingLogger): Promise<void> {
  const { content, properties, fields } = held.message;
  const reply = fields.redelivered
    ? // Another process may have carried it out and died: at most once means the caller has to decide.
      encodeRpcError(new AppError('RPC_INTERRUPTED', 'transient', 'The request may have been carried out.'))
    : await answerRequest(answerer, content, logger);
  const { replyTo, correlationId } = properties;
  const isSent =
    typeof replyTo === 'string' && typeof correlationId === 'string' && rpc.reply(replyTo, correlationId, reply);
  if (!isSent) logger.warn({ pattern: answerer.pattern }, 'RPC answer could not be sent');
  held.ack();
}
