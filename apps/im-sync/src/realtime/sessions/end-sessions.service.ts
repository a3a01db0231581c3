import { Injectable } from '@nestjs/common';
import { ImSessionRepository, type ImEndedSession } from '#entities';
import { Batcher } from '#messaging';
import { AppLogger, Metrics } from '#platform';
import { REASON } from '../protocol/reason-codes.js';
import { WS_CLOSE, type ClientConnection } from './client-connection.js';
import { SessionRegistry } from './session-registry.js';

const MAX_BATCH = 1_000;

/** Ends sessions: those that somebody else wants ended, and the rows of those that ended by themselves. */
@Injectable()
export class EndSessionsService {
  private readonly closing: Batcher<number, void>;

  constructor(
    private readonly sessions: ImSessionRepository,
    private readonly registry: SessionRegistry,
    private readonly metrics: Metrics,
    private readonly logger: AppLogger,
  ) {
    this.closing = new Batcher({
      maxBatch: MAX_BATCH,
      flush: async (sessionIds) => {
        await this.sessions.close(sessionIds);
        return sessionIds.map(() => ({ value: undefined }));
      },
    });
  }

  /** Ends those of them that are here; answers the others. */
  end(ended: readonly ImEndedSession[]): number[] {
    const elsewhere: number[] = [];
    for (const { sessionId, endReason } of ended) {
      const connection = this.registry.find(sessionId);
      if (!connection) {
        elsewhere.push(sessionId);
        continue;
      }
      // A device that came back is not told that it was replaced by itself: clients would stay away.
      if (endReason === 'same_device' || !connection.protocol) connection.close(WS_CLOSE.normal);
      else {
        const { text, closedAfterMs } = TOLD[endReason];
        connection.write(connection.protocol.disconnect(REASON.kicked, text));
        connection.closeAfter(WS_CLOSE.normal, closedAfterMs);
      }
      this.forget(connection);
    }
    return elsewhere;
  }

  /** The connection is gone; its row follows. */
  forget(connection: ClientConnection): void {
    const { session } = connection;
    if (!session) return;
    this.registry.remove(connection);
    this.metrics.imConnections.set(this.registry.size);
    connection.session = null;
    this.closing.add(session.sessionId).catch((error: unknown) => {
      this.logger.warn({ err: error }, 'the row of an ended session stays until its process ends');
    });
  }

  idle(): Promise<void> {
    return this.closing.idle();
  }
}

/** As the server whose protocol this is does it: clients show the reason and close by themselves, and most are faster. */
const TOLD = {
  other_device: { text: 'login in other device', closedAfterMs: 5_000 },
  quit: { text: 'quit', closedAfterMs: 2_000 },
} as const;
