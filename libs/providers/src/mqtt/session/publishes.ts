/** A message on its way to the broker. */
export interface Publication {
  topic: string;
  payload: string;
  /** Seconds after which the broker may drop it; brokers of version 3.1.1 are not told. */
  expiresInS?: number;
}

/** The broker's answer, or that there is none and whether the message had been handed to the connection. */
export type PublishAnswer =
  { isAnswered: true; reason: number } | { isAnswered: false; isWritten: boolean; code: string };

export interface PublishesOptions {
  /** Messages that may be without an answer at the same time. */
  window: number;
  answerTimeoutMs: number;
}

/** Messages of one call; its promise resolves when each has its answer. */
interface Batch {
  answers: PublishAnswer[];
  open: number;
  tell(answers: PublishAnswer[]): void;
}

interface Waiting {
  batch: Batch;
  index: number;
  publication: Publication;
  isWritten: boolean;
  deadlineAt: number;
}

const MAX_ID = 0xffff;

/** What one connection publishes at QoS 1: packet ids, the window, deadlines, answers. */
export class Publishes {
  /** By packet id, oldest first. An id is free again when the broker has answered, and not before. */
  private readonly inFlight = new Map<number, Waiting>();
  private waiting: Waiting[] = [];
  private next = 0;
  private lastId = 0;
  private timer: NodeJS.Timeout | undefined;
  private window: number;
  /** Why nothing is taken any more. */
  private refusal: string | undefined;

  /**
   * @param hasRoom false while the connection cannot keep up: messages wait
   * @param onSilence the oldest has waited too long: a broker answers in order, so nothing more will come
   */
  constructor(
    private readonly options: PublishesOptions,
    private readonly hasRoom: () => boolean,
    private readonly put: (id: number, publication: Publication) => void,
    private readonly onSilence: () => void,
  ) {
    this.window = options.window;
  }

  /** The broker takes no more than this at a time. */
  narrow(window: number): void {
    this.window = Math.min(this.window, window);
  }

  /** `answers[i]` belongs to `publications[i]`. An abort ends the wait, but keeps the places until the answers. */
  publish(publications: readonly Publication[], signal: AbortSignal): Promise<PublishAnswer[]> {
    if (publications.length === 0) return Promise.resolve([]);
    const refusal = this.refusal ?? (signal.aborted ? reasonOf(signal) : undefined);
    if (refusal !== undefined) {
      return Promise.resolve(publications.map(() => ({ isAnswered: false, isWritten: false, code: refusal })));
    }
    return new Promise((resolve) => {
      const items: Waiting[] = [];
      const abort = (): void => {
        for (const item of items)
          settle(item, { isAnswered: false, isWritten: item.isWritten, code: reasonOf(signal) });
        this.waiting = this.waiting.slice(this.next).filter(({ batch: its }) => its !== batch);
        this.next = 0;
      };
      const batch: Batch = {
        answers: new Array<PublishAnswer>(publications.length),
        open: publications.length,
        tell: (answers) => {
          signal.removeEventListener('abort', abort);
          resolve(answers);
        },
      };
      publications.forEach((publication, index) => {
        items.push({ batch, index, publication, isWritten: false, deadlineAt: 0 });
      });
      signal.addEventListener('abort', abort, { once: true });
      this.waiting.push(...items);
      this.pump();
    });
  }

  /** Writes what the window has room for. */
  pump(): void {
    while (this.next < this.waiting.length && this.inFlight.size < this.window && this.hasRoom()) {
      const item = this.waiting[this.next++];
      if (item) this.write(item);
    }
    if (this.next === this.waiting.length) {
      this.waiting = [];
      this.next = 0;
    }
  }

  /** An answer that nobody waits for changes nothing. */
  answer(id: number, reason: number): void {
    const item = this.inFlight.get(id);
    if (!item) return;
    this.inFlight.delete(id);
    settle(item, { isAnswered: true, reason });
    this.pump();
  }

  /** Nothing is written any more; what is in flight may still be answered. */
  refuse(code: string): void {
    this.refusal ??= code;
    for (const item of this.waiting.splice(0).slice(this.next))
      settle(item, { isAnswered: false, isWritten: false, code });
    this.next = 0;
  }

  /** The connection is gone. */
  end(code: string): void {
    this.refuse(code);
    clearTimeout(this.timer);
    const lost = [...this.inFlight.values()];
    this.inFlight.clear();
    for (const item of lost) settle(item, { isAnswered: false, isWritten: true, code });
  }

  private write(item: Waiting): void {
    do this.lastId = this.lastId === MAX_ID ? 1 : this.lastId + 1;
    while (this.inFlight.has(this.lastId));
    item.isWritten = true;
    item.deadlineAt = performance.now() + this.options.answerTimeoutMs;
    this.inFlight.set(this.lastId, item);
    this.put(this.lastId, item.publication);
    this.timer ??= setTimeout(() => this.expire(), this.options.answerTimeoutMs);
  }

  private expire(): void {
    this.timer = undefined;
    const [oldest] = this.inFlight.values();
    if (!oldest) return;
    const leftMs = oldest.deadlineAt - performance.now();
    if (leftMs <= 0) this.onSilence();
    else this.timer = setTimeout(() => this.expire(), Math.ceil(leftMs));
  }
}

/** The first word counts: an answer that comes after an abort only frees the place. */
function settle({ batch, index }: Waiting, answer: PublishAnswer): void {
  if (batch.answers[index] !== undefined) return;
  batch.answers[index] = answer;
  batch.open--;
  if (batch.open === 0) batch.tell(batch.answers);
}

/** A deadline aborts with a TimeoutError. */
const reasonOf = (signal: AbortSignal): string =>
  (signal.reason as { name?: unknown } | undefined)?.name === 'TimeoutError' ? 'timeout' : 'aborted';
