import { withDeadline } from '#platform';
import { outcomeOfConnectError, outcomeOfLoss } from '../../connection/connection-outcomes.js';
import { KeptLink, type LinkPauses } from '../../connection/kept-link.js';
import { openSocket, type Endpoint } from '../../connection/open-socket.js';
import type { Outcome } from '../../port/channel-provider.port.js';
import { outcomeOfBindRefusal } from '../smpp.outcomes.js';
import type { BindRequest } from '../wire/pdu.js';
import { SmppSession, type SessionOptions, type TakeMessage } from './smpp-session.js';

export interface LinkOptions extends SessionOptions, LinkPauses {
  endpoint: Endpoint;
  bind: BindRequest;
  connectTimeoutMs: number;
}

/** Keeps one session open for as long as the account is in use, and opens the next when it is lost. */
export class SmppLink {
  private readonly link: KeptLink<SmppSession>;
  private refusedBinds = 0;

  /** Connects at once. */
  constructor(
    private readonly options: LinkOptions,
    private readonly takeMessage: TakeMessage,
  ) {
    this.link = new KeptLink(options, (ending) => this.connect(ending));
  }

  /** As `KeptLink.session`. */
  session(signal: AbortSignal): Promise<SmppSession | Outcome> {
    return this.link.session(signal);
  }

  close(): Promise<void> {
    return this.link.close();
  }

  private async connect(ending: AbortSignal): Promise<SmppSession | Outcome> {
    const { endpoint, bind, connectTimeoutMs } = this.options;
    let session: SmppSession;
    try {
      const deadline = withDeadline(ending, connectTimeoutMs);
      session = new SmppSession(await openSocket(endpoint, deadline), this.options, this.takeMessage);
    } catch (error) {
      return outcomeOfConnectError(error as Error, [bind.password]);
    }
    const leave = (): void => session.drop();
    ending.addEventListener('abort', leave, { once: true });
    const answer = await session.bind(bind);
    ending.removeEventListener('abort', leave);
    if (answer.isAnswered && answer.status === 0) {
      this.refusedBinds = 0;
      return session;
    }
    session.drop();
    // What was written is the bind: no message went out with it.
    if (!answer.isAnswered) return outcomeOfLoss(false, answer.code);
    return outcomeOfBindRefusal(answer.status, ++this.refusedBinds);
  }
}
