import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type {
  ChannelProvider,
  OutboundDelivery,
  Outcome,
} from '../../libs/providers/src/port/channel-provider.port.js';

/** An adapter in front of a vendor that runs on this machine. */
export interface ConformanceSubject {
  provider: ChannelProvider;
  /** The n-th of many addresses the vendor takes. */
  goodAddress(n: number): string;
  /** An address the vendor refuses for good, with words that repeat the account's secrets and go on for pages where it can. */
  refusedAddress: string;
  /** An address at which the vendor takes the request and stays silent. */
  silentAddress: string;
  /** The same adapter, with a vendor that is not there. */
  unreachable: ChannelProvider;
  secrets: readonly string[];
  /** Id of the account, which must not travel. */
  accountId: string;
  /** Everything the vendor received so far, as text. */
  received(): string;
  /** False where the vendor's API has no field for our reference. Default true. */
  carriesRef?: boolean;
  close(): Promise<void>;
}

let counter = 0;
export const outbound = (address: string, more: Partial<OutboundDelivery> = {}): OutboundDelivery => ({
  ref: `conformance-ref-${++counter}`,
  address,
  content: { title: 'A title', text: 'A text' },
  attempt: 1,
  ...more,
});

const never = new AbortController().signal;

/** What the core relies on, for every adapter: see the port. */
export function itIsAChannelProvider(open: () => Promise<ConformanceSubject>): void {
  describe('as a channel provider', () => {
    let subject: ConformanceSubject;
    beforeEach(async () => {
      subject = await open();
    });
    afterEach(async () => {
      await subject.provider.close();
      await subject.unreachable.close();
      await subject.close();
    });

    const isBounded = ({ code, words }: Outcome): boolean => (code ?? '').length <= 64 && (words ?? '').length <= 500;

    it('answers an empty batch with nothing', async () => {
      await expect(subject.provider.send([], never)).resolves.toEqual([]);
    });

    it('answers one outcome a delivery, in their order', async () => {
      const batch = Array.from({ length: 12 }, (_, i) =>
        outbound(i % 3 === 1 ? subject.refusedAddress : subject.goodAddress(i)),
      );
      const outcomes = await subject.provider.send(batch, never);
      expect(outcomes.map((outcome) => outcome.class === 'ok')).toEqual(batch.map((_, i) => i % 3 !== 1));
    });

    it('takes as many deliveries as it says', async () => {
      const batch = Array.from({ length: subject.provider.maxBatch }, (_, i) => outbound(subject.goodAddress(i)));
      const outcomes = await subject.provider.send(batch, never);
      expect(outcomes.map((outcome) => outcome.class)).toEqual(batch.map(() => 'ok'));
    });

    it('bounds what the vendor says and keeps secrets out of it', async () => {
      const [refused] = await subject.provider.send([outbound(subject.refusedAddress)], never);
      const [missing] = await subject.unreachable.send([outbound(subject.goodAddress(1))], never);
      for (const outcome of [refused, missing]) {
        expect(outcome && isBounded(outcome)).toBe(true);
        for (const secret of subject.secrets) expect(JSON.stringify(outcome)).not.toContain(secret);
      }
      expect(refused?.class).toMatch(/^bad_/);
    });

    it('answers retry when nothing could be written', async () => {
      const outcomes = await subject.unreachable.send(
        [outbound(subject.goodAddress(1)), outbound(subject.goodAddress(2))],
        never,
      );
      expect(outcomes.map((outcome) => outcome.class)).toEqual(['retry', 'retry']);
    });

    it('sends nothing when the signal has fired before', async () => {
      const before = subject.received();
      const outcomes = await subject.provider.send([outbound(subject.goodAddress(1))], AbortSignal.abort());
      expect(outcomes.map((outcome) => outcome.class)).toEqual(['retry']);
      expect(subject.received()).toBe(before);
    });

    it('ends soon after the signal fires and admits that it does not know', async () => {
      const abort = new AbortController();
      setTimeout(() => abort.abort(), 300);
      const startedAt = performance.now();
      const outcomes = await subject.provider.send([outbound(subject.silentAddress)], abort.signal);
      expect(outcomes.map((outcome) => outcome.class)).toEqual(['unknown_outcome']);
      expect(performance.now() - startedAt).toBeLessThan(3000);
    });

    it('lets the reference travel and no other id of ours', async () => {
      const delivery = outbound(subject.goodAddress(1));
      await subject.provider.send([delivery], never);
      if (subject.carriesRef ?? true) expect(subject.received()).toContain(delivery.ref);
      expect(subject.received()).not.toContain(subject.accountId);
    });

    it('can be closed twice and then answers retry', async () => {
      await subject.provider.close();
      await subject.provider.close();
      const before = subject.received();
      const outcomes = await subject.provider.send([outbound(subject.goodAddress(1))], never);
      expect(outcomes.map((outcome) => outcome.class)).toEqual(['retry']);
      expect(subject.received()).toBe(before);
    });

    it('finishes what it is sending before it is closed', async () => {
      const sending = subject.provider.send(
        [outbound(subject.goodAddress(1)), outbound(subject.goodAddress(2))],
        never,
      );
      await subject.provider.close();
      expect((await sending).map((outcome) => outcome.class)).toEqual(['ok', 'ok']);
    });
  });
}
