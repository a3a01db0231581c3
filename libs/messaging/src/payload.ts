import { PayloadRefusedError } from './messaging-errors.js';

/** RabbitMQ 4 stops at 16 MiB; ours is far lower because contents live in rows and messages carry ids. */
export const MAX_PAYLOAD_BYTES = 1024 * 1024;

/** @throws PayloadRefusedError cyclic, holding a BigInt, or more than 1 MiB of JSON */
export function encodePayload(payload: object): Buffer {
  let json: string;
  try {
    json = JSON.stringify(payload);
  } catch (cause) {
    throw new PayloadRefusedError('not JSON', { cause });
  }
  const content = Buffer.from(json);
  if (content.length > MAX_PAYLOAD_BYTES) throw new PayloadRefusedError(`${content.length} bytes are too many`);
  return content;
}
