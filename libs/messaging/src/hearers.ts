import { readPayload } from './contract.js';
import { InFlight } from './in-flight.js';
import type { Hearer, MessagingLogger } from './transport.js';

/** Who in this process hears which topic. Bytes cross, so that what works inside a process also works over a broker. */
export class Hearers {
  private readonly byTopic = new Map<string, Hearer>();
  private readonly running = new InFlight();

  constructor(private readonly logger: MessagingLogger) {}

  listen(hearers: readonly Hearer[]): void {
    for (const hearer of hearers) this.byTopic.set(hearer.topic, hearer);
  }

  /** Handlers are called in the order of the calls. Never rejects: a broadcast is heard once or not at all. */
  hear(topic: string, content: Buffer): Promise<void> {
    const hearer = this.byTopic.get(topic);
    if (!hearer) return Promise.resolve();
    const heard = this.run(hearer, content);
    this.running.add(heard);
    return heard;
  }

  /** Hears nothing any more, and waits for what is being handled; answers how much of it did not end in time. */
  stop(deadlineMs: number): Promise<number> {
    this.byTopic.clear();
    return this.running.drain(deadlineMs);
  }

  private async run({ topic, contract, hear }: Hearer, content: Buffer): Promise<void> {
    const reading = readPayload(content, contract);
    if (!reading.ok) {
      this.logger.error({ topic, reason: reading.reason }, 'a broadcast breaks its contract');
      return;
    }
    try {
      await hear(reading.payload);
    } catch (err) {
      this.logger.error({ err, topic }, 'a broadcast could not be handled');
    }
  }
}
