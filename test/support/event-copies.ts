import { randomUUID } from 'node:crypto';
import { connect } from 'amqplib';

/** What is published under a routing key from now on, beside whoever consumes it. */
export interface EventCopies {
  readonly bodies: string[];
  close(): Promise<void>;
}

export async function copiesOf(rabbitUrl: string, routingKey: string): Promise<EventCopies> {
  const connection = await connect(rabbitUrl);
  const channel = await connection.createChannel();
  const { queue } = await channel.assertQueue(`mc.test-${randomUUID()}`, { exclusive: true });
  await channel.bindQueue(queue, 'mc.events', routingKey);
  const bodies: string[] = [];
  await channel.consume(queue, (message) => message && bodies.push(message.content.toString()), { noAck: true });
  return { bodies, close: () => connection.close() };
}
