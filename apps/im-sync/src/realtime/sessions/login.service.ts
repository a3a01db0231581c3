import { Injectable } from '@nestjs/common';
import { ImSessionRepository, type ImLogin, type ImLoginAnswer } from '#entities';
import { Batcher, MessageBus } from '#messaging';
import { IM_TOPIC, type ImEndedV1 } from '#contracts';
import { AppLogger, ImConfig, Metrics, sha256 } from '#platform';
import { ChannelAudiences } from '../delivery/channel-audiences.js';
import type { ConnectRequest } from '../protocol/client-protocol.port.js';
import { REASON, type Reason } from '../protocol/reason-codes.js';
import type { ClientConnection } from './client-connection.js';
import { EndSessionsService } from './end-sessions.service.js';
import { SessionRegistry } from './session-registry.js';

const MAX_BATCH = 500;
const MAX_WAITING = 5_000;
const MAX_ID = 256;

interface Login {
  connection: ClientConnection;
  login: ImLogin;
}

/** Lets clients in, all that wait together. Whoever was told so gets every message from then on. */
@Injectable()
export class LoginService {
  private readonly batcher: Batcher<Login, Reason>;

  constructor(
    private readonly sessions: ImSessionRepository,
    private readonly registry: SessionRegistry,
    private readonly audiences: ChannelAudiences,
    private readonly ending: EndSessionsService,
    private readonly bus: MessageBus,
    private readonly config: ImConfig,
    private readonly metrics: Metrics,
    private readonly logger: AppLogger,
  ) {
    this.batcher = new Batcher({
      maxBatch: MAX_BATCH,
      maxWaiting: MAX_WAITING,
      flush: async (logins) => (await this.open(logins)).map((value) => ({ value })),
    });
  }

  /** Answers what to tell the client. Never rejects. */
  async login(connection: ClientConnection, request: ConnectRequest): Promise<Reason> {
    const { uid, deviceFlag, deviceId, token } = request;
    if (request.refusal) return request.refusal;
    if (uid.trim() === '' || uid.length > MAX_ID || deviceId.length > MAX_ID) return REASON.authFail;
    const login = { uid, deviceFlag, deviceId, tokenHash: sha256(token) };
    try {
      return await this.batcher.add({ connection, login });
    } catch (error) {
      this.logger.warn({ err: error }, 'a client of instant messages could not be let in');
      return REASON.systemError;
    }
  }

  idle(): Promise<void> {
    return this.batcher.idle();
  }

  private async open(logins: readonly Login[]): Promise<Reason[]> {
    const isTokenNeeded = this.config.IM_AUTH === 'token';
    const { replicaId } = this.registry;
    const answers = await this.sessions.open(
      replicaId,
      logins.map(({ login }) => login),
      isTokenNeeded,
    );
    const opened = logins.filter(({ connection, login }, i) => this.enter(connection, login, answers[i]));
    const uids = [...new Set(opened.map(({ login }) => login.uid))];
    if (uids.length > 0) {
      const [replaced] = await Promise.all([this.sessions.replace(uids), this.audiences.arrived(uids)]);
      await this.tellReplaced(this.ending.end(replaced));
    }
    return logins.map((_, i) => reasonOf(answers[i]));
  }

  /** From here on it gets messages. False: it was refused, or is gone already. */
  private enter(connection: ClientConnection, login: ImLogin, answer: ImLoginAnswer | undefined): boolean {
    if (!answer || answer.sessionId === null) return false;
    const { sessionId, deviceLevel } = answer;
    const { uid, deviceFlag, deviceId } = login;
    connection.session = { sessionId, uid, deviceFlag, deviceLevel, deviceId };
    if (!connection.isOpen) {
      this.ending.forget(connection);
      return false;
    }
    this.registry.add(connection);
    this.metrics.imConnections.set(this.registry.size);
    return true;
  }

  /** A doorbell: their processes look at the rows as well. */
  private async tellReplaced(sessionIds: number[]): Promise<void> {
    if (sessionIds.length === 0) return;
    const news: ImEndedV1 = { sessionIds };
    await this.bus.broadcast(IM_TOPIC.ended, news).catch((error: unknown) => {
      this.logger.warn({ err: error }, 'other processes were not told of replaced sessions, they will see it');
    });
  }
}

function reasonOf(answer: ImLoginAnswer | undefined): Reason {
  if (!answer) return REASON.systemError;
  if (answer.refusal === null) return REASON.success;
  return answer.refusal === 'banned' ? REASON.banned : REASON.authFail;
}
