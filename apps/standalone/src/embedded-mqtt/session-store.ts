import type { AedesPublishPacket, Client } from 'aedes';
import MemoryPersistence from 'aedes-persistence/asyncPersistence.js';

interface SessionSubscription {
  clientId: string;
  topic: string;
}

/**
 * Sessions of the broker, in memory. What is on its way to a device that is connected stands here; what waits for one that is
 * away does not: it stands in the mailbox, which outlives the process.
 */
export class SessionStore extends MemoryPersistence {
  /** @param waitsElsewhere whether what comes for the subscription is kept in the mailbox until its owner is back */
  constructor(private readonly waitsElsewhere: (subscription: SessionSubscription) => boolean) {
    super();
  }

  override outgoingEnqueueCombi(subs: readonly SessionSubscription[], packet: AedesPublishPacket): Promise<void> {
    return super.outgoingEnqueueCombi(
      subs.filter((sub) => !this.waitsElsewhere(sub)),
      packet,
    );
  }

  /** A device that was away when the message came, and is there as it goes out. */
  override async outgoingUpdate(client: Client, packet: AedesPublishPacket): Promise<void> {
    try {
      await super.outgoingUpdate(client, packet);
    } catch {
      await super.outgoingEnqueue({ clientId: client.id }, packet);
      await super.outgoingUpdate(client, packet);
    }
  }
}
