import type { Client } from 'aedes';
import type { MqttSignIn } from '#entities';
import type { CatchUp } from './catch-up.js';
import type { Peer } from './topic-rules.policy.js';

/** A connection of a device, and what it was made with. */
export type ConnectedDevice = Extract<Peer, { kind: 'device' }> & {
  client: Client;
  signIn: MqttSignIn;
  catchUp: CatchUp;
};
export type ConnectedPeer = Extract<Peer, { kind: 'center' }> | ConnectedDevice;

/** Whether who signed in with `one` may stay where `other` is what the device may sign in with. */
export const isSameSignIn = (one: MqttSignIn, other: MqttSignIn | null | undefined): boolean =>
  !!other &&
  one.ownedSince === other.ownedSince &&
  one.passwordHash !== null &&
  other.passwordHash !== null &&
  one.passwordHash.equals(other.passwordHash);

/** The connections that were let in. */
export class Connections {
  private readonly peers = new WeakMap<Client, ConnectedPeer>();
  private readonly devices = new Map<string, ConnectedDevice>();

  /** Devices that are connected. */
  get size(): number {
    return this.devices.size;
  }

  /** A device that is connected already goes on with its newest connection. */
  add(client: Client, peer: ConnectedPeer): void {
    this.peers.set(client, peer);
    if (peer.kind === 'device') this.devices.set(peer.token, peer);
  }

  /** Undefined: never let in, or ended. */
  peerOf(client: Client): ConnectedPeer | undefined {
    return this.peers.get(client);
  }

  /** The newest connection of the device. */
  find(token: string): ConnectedDevice | undefined {
    return this.devices.get(token);
  }

  /** The devices that are connected at this moment. */
  list(): ConnectedDevice[] {
    return [...this.devices.values()];
  }

  /** The connection is gone, or has to go: from now on nothing is heard of it, and nothing said to it. */
  remove(client: Client): void {
    const peer = this.peers.get(client);
    this.peers.delete(client);
    // A device that connected again before the end of its last connection was noticed is still there.
    if (peer?.kind === 'device' && this.devices.get(peer.token) === peer) this.devices.delete(peer.token);
  }
}
