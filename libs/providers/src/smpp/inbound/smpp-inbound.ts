import type { ProviderInbox } from '../../port/channel-provider.port.js';
import { keptNumber } from '../../sms/sms-number.js';
import { isReceipt, readReceipt } from '../smpp.receipts.js';
import type { SmppSettings } from '../smpp.settings.js';
import { decodeText } from '../text/decode-text.js';
import { STATUS, type ShortMessage } from '../wire/pdu.js';
import { InboxFeed, type NewsItem } from '../../connection/inbox-feed.js';
import { UplinkJoiner } from './uplink-joiner.js';
import { readPart } from './uplink-part.js';

/** Messages that may wait to be stored; what comes beyond is asked to come again. */
const MAX_UNANSWERED = 1_000;
const EXPIRY_LOOK_MS = 60_000;

/** Who sent an uplink, and in which characters. */
type Sender = Pick<ShortMessage, 'source' | 'dataCoding'>;

/** What a message centre delivers: receipts and what people send. It is answered for only once it is stored. */
export class SmppInbound {
  private readonly feed: InboxFeed;
  private readonly joiner = new UplinkJoiner<Sender>((sender, octets) => {
    const item = uplinkOf(sender, octets);
    if (item) this.feed.add(item).catch(() => undefined); // its parts were answered for long ago: nobody can be told
  });
  private readonly expiry = setInterval(() => this.joiner.expire(), EXPIRY_LOOK_MS).unref();
  private unanswered = 0;
  private isClosed = false;

  constructor(
    inbox: ProviderInbox,
    accountId: string,
    private readonly settings: SmppSettings,
  ) {
    this.feed = new InboxFeed(inbox, accountId);
  }

  /** The `command_status` of the answer. Never rejects. */
  async take(message: ShortMessage): Promise<number> {
    if (this.isClosed) return STATUS.receiverTemporaryError;
    if (this.unanswered >= MAX_UNANSWERED) return STATUS.queueFull;
    this.unanswered++;
    try {
      await (isReceipt(message) ? this.takeReceipt(message) : this.takeUplink(message));
      return STATUS.ok;
    } catch {
      return STATUS.receiverTemporaryError;
    } finally {
      this.unanswered--;
    }
  }

  /** Takes nothing more; resolves when everything that came is stored or given back, and answered for. */
  async close(): Promise<void> {
    this.isClosed = true;
    clearInterval(this.expiry);
    this.joiner.flush();
    await this.feed.drained();
    // The answers leave in the turn that follows.
    await new Promise((resolve) => setImmediate(resolve));
  }

  private async takeReceipt(message: ShortMessage): Promise<void> {
    const receipt = readReceipt(message, this.settings);
    if (receipt) await this.feed.add({ receipt });
  }

  private async takeUplink(message: ShortMessage): Promise<void> {
    const { octets, place } = readPart(message);
    if (place === null) return this.store(uplinkOf(message, octets));
    const { source, destination, dataCoding } = message;
    const key = JSON.stringify([source.address, destination.address, dataCoding, place.reference, place.total]);
    const whole = this.joiner.add(key, place, octets, { source, dataCoding });
    if (whole === null) return;
    await this.store(uplinkOf(message, whole));
    this.joiner.forget(key);
  }

  private async store(item: NewsItem | null): Promise<void> {
    if (item) await this.feed.add(item);
  }
}

/** Null where the octets are no text: pictures and settings for handsets are nothing a person wrote. */
function uplinkOf({ source, dataCoding }: Sender, octets: Buffer): NewsItem | null {
  const text = decodeText(dataCoding, octets);
  return text === null ? null : { uplink: { from: keptNumber(source.address) ?? source.address, text } };
}
