import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { ClientConnection } from './client-connection.js';

const NOBODY: ReadonlySet<ClientConnection> = new Set();

/** Who is logged in at this process. */
@Injectable()
export class SessionRegistry {
  /** Of this process, among all that have such sessions. */
  readonly replicaId = randomUUID();
  private readonly byUid = new Map<string, Set<ClientConnection>>();
  private readonly bySession = new Map<number, ClientConnection>();

  get size(): number {
    return this.bySession.size;
  }

  add(connection: ClientConnection): void {
    const { session } = connection;
    if (!session) return;
    const devices = this.byUid.get(session.uid);
    if (devices) devices.add(connection);
    else this.byUid.set(session.uid, new Set([connection]));
    this.bySession.set(session.sessionId, connection);
  }

  remove(connection: ClientConnection): void {
    const { session } = connection;
    if (!session) return;
    this.bySession.delete(session.sessionId);
    const devices = this.byUid.get(session.uid);
    devices?.delete(connection);
    if (devices?.size === 0) this.byUid.delete(session.uid);
  }

  /** Devices of a uid; none: he is not here. */
  of(uid: string): ReadonlySet<ClientConnection> {
    return this.byUid.get(uid) ?? NOBODY;
  }

  has(uid: string): boolean {
    return this.byUid.has(uid);
  }

  find(sessionId: number): ClientConnection | undefined {
    return this.bySession.get(sessionId);
  }

  uids(): string[] {
    return [...this.byUid.keys()];
  }

  connections(): IterableIterator<ClientConnection> {
    return this.bySession.values();
  }
}
