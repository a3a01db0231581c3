import { Injectable } from '@nestjs/common';
import { MqttMailboxRepository, type MailboxEntry, type MqttSignIn } from '#entities';
import { Batcher } from '#messaging';
import { AppLogger } from '#platform';

/** Rows of one statement. */
const AT_A_TIME = 500;
/** A device that was away gets at most so many, the newest. */
const MOST_FOR_ONE = 1_000;
const DAYS_KEPT = 7;

export interface MailboxMessage {
  token: string;
  payload: string;
}

/** The messages that the broker took and their devices have not acknowledged yet. */
@Injectable()
export class Mailbox {
  private readonly keeping = new Batcher<MailboxMessage & MailboxEntry, MqttSignIn | null>({
    maxBatch: AT_A_TIME,
    flush: async (messages) => (await this.store.keep(messages)).map((value) => ({ value })),
  });
  private readonly dropping = new Batcher<MailboxEntry, void>({
    maxBatch: AT_A_TIME,
    flush: async (entries) => {
      await this.store.drop(entries);
      return entries.map(() => ({ value: undefined }));
    },
  });

  constructor(
    private readonly store: MqttMailboxRepository,
    private readonly logger: AppLogger,
  ) {}

  /**
   * Resolves once it is committed: only then may whoever published it hear that it was taken. Answers with what the device may
   * sign in with by then; null: nobody is to get it.
   */
  keep({ token, payload }: MailboxMessage): Promise<MqttSignIn | null> {
    return this.keeping.add({ token, payload, ref: refOf(payload) });
  }

  /** The device has it. What could not be forgotten comes to it once more, and it will know it by its reference. */
  drop({ token, payload }: MailboxMessage): void {
    this.dropping
      .add({ token, ref: refOf(payload) })
      .catch((error: unknown) => this.logger.warn({ err: error }, 'message not taken out of the mailbox'));
  }

  /** What waits for a device that signed in so, the oldest first. */
  async waitingFor(token: string, signIn: MqttSignIn): Promise<{ ref: string; payload: string }[]> {
    await this.dropping.idle();
    return this.store.of(token, signIn, MOST_FOR_ONE);
  }

  /** Forgets what nobody fetched for a week. */
  async prune(): Promise<void> {
    while ((await this.store.prune(DAYS_KEPT, AT_A_TIME)) === AT_A_TIME);
  }

  /** Resolves when nothing is being written any more. */
  async settled(): Promise<void> {
    await Promise.all([this.keeping.idle(), this.dropping.idle()]);
  }
}

/** Only the center writes messages, and every one of its has a reference. */
export const refOf = (payload: string): string => (JSON.parse(payload) as { ref: string }).ref;
