import type { Client } from 'aedes';
import type { MqttSignIn } from '#entities';
import type { Peer } from './topic-rules.policy.js';

/** A device, and what it signed in with. */
export type ConnectedDevice = Extract<Peer, { kind: 'device' }> & { signIn: MqttSignIn };
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
  private readonly devices = new Map<string, Client>();

  /** Devices that are connected. */
  get size(): number {
    return this.devices.size;
  }

  /** A device that is connected already goes on with its newest connection. */
  add(client: Client, peer: ConnectedPeer): void {
    this.peers.set(client, peer);
    if (peer.kind === 'device') this.devices.set(peer.token, client);
  }

  /** Undefined: never let in, or ended. */
  peerOf(client: Client): ConnectedPeer | undefined {
    return this.peers.get(client);
  }

  /** The connection of a device. */
  find(token: string): Client | undefined {
    return this.devices.get(token);
  }

  /** Those of all devices at this moment, by token. */
  snapshot(): Map<string, Client> {
    return new Map(this.devices);
  }

  /** The connection is gone, or has to go: from now on nothing is heard of it, and nothing said to it. */
  remove(client: Client): void {
    this.peers.delete(client);
    // A device that connected again before the end of its last connection was noticed is still there.
    if (this.devices.get(client.id) === client) this.devices.delete(client.id);
  }
}
