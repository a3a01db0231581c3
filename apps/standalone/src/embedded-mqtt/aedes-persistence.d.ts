/** What the package says of itself lies beside the module, where the compiler does not look. Only what is used here. */
declare module 'aedes-persistence/asyncPersistence.js' {
  import type { AedesPublishPacket, Client } from 'aedes';

  export default class MemoryPersistence {
    outgoingEnqueue(sub: { clientId: string }, packet: AedesPublishPacket): Promise<void>;
    outgoingEnqueueCombi(
      subs: readonly { clientId: string; topic: string }[],
      packet: AedesPublishPacket,
    ): Promise<void>;
    outgoingUpdate(client: Client, packet: AedesPublishPacket): Promise<void>;
    subscriptionsByClient(client: Client): Promise<{ topic: string; qos: number }[]>;
  }
}
