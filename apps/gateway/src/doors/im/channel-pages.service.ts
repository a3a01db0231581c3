import { Injectable } from '@nestjs/common';
import { IM_PERSON, withImStreams } from '#contracts';
import { ImHistoryRepository, type ImLogPage, type ImRange, type ImShown } from '#entities';
import { Batcher, type BatchResult } from '#messaging';
import { PageCache, type ImPage } from './page-cache.js';

/** Channels of one look at their last seqs. */
const MAX_LOOK = 500;

/**
 * Pages of channel logs. After a message every member asks for the same page: it is made once. What was stored stays as it
 * is, so that a page that was seen holds as long as nothing came after it, which one look at all channels asked about tells.
 */
@Injectable()
export class ChannelPages {
  private readonly cache = new PageCache();
  private readonly lastSeqs: Batcher<number, number>;

  constructor(private readonly history: ImHistoryRepository) {
    this.lastSeqs = new Batcher({ maxBatch: MAX_LOOK, maxInFlight: 2, flush: (keys) => this.look(keys) });
  }

  async read(channelKey: number, channelType: number, range: ImRange): Promise<ImPage> {
    const known = this.cache.find(channelKey, range);
    if (known && known.lastSeq === (await this.lastSeqs.add(channelKey))) return known.page;
    const found = await this.history.page(channelKey, range);
    const json = await this.jsonOf(channelType, found.messages);
    const page: ImPage = { found: found.messages.length, isCut: found.isCut, json };
    if (isLasting(found)) this.cache.keep(channelKey, range, { page, lastSeq: found.lastSeq });
    return page;
  }

  /**
   * Messages, comma between them. Pieces of streams are shown in person channels only, as the server whose interface this is
   * does.
   */
  async jsonOf(channelType: number, messages: readonly ImShown[]): Promise<string> {
    const streamNos = channelType === IM_PERSON ? messages.flatMap(({ streamNo }) => streamNo ?? []) : [];
    if (streamNos.length === 0) return messages.map(({ json }) => json).join(',');
    const chunks = await this.history.chunksOf(streamNos);
    return messages.map(({ json, streamNo }) => withImStreams(json, chunks.get(streamNo ?? '') ?? [])).join(',');
  }

  private async look(keys: readonly number[]): Promise<BatchResult<number>[]> {
    const lastSeqs = await this.history.lastSeqs(keys);
    return keys.map((key) => ({ value: lastSeqs.get(key) ?? 0 }));
  }
}

/** Nothing of it goes away or grows by itself. */
const isLasting = ({ messages }: ImLogPage): boolean =>
  messages.length > 0 && messages.every(({ streamNo, isExpiring }) => streamNo === null && !isExpiring);
