import { Injectable } from '@nestjs/common';
import type { ImChangeV1 } from '#contracts';
import { ImChannelRepository } from '#entities';
import { ImEvents } from './im-events.js';

/** Changes channels, and says so to those who remember them. */
@Injectable()
export class ChangeChannelService {
  constructor(
    private readonly channels: ImChannelRepository,
    private readonly events: ImEvents,
  ) {}

  async change(request: ImChangeV1): Promise<void> {
    const channelKey = await this.changed(request);
    if (channelKey === null) return;
    const { channelId, channelType, what } = request;
    this.events.channelChanged({ channelKey, channelId, channelType, what });
  }

  private changed(request: ImChangeV1): Promise<number | null> {
    const { what, uids, list = 'black' } = request;
    switch (what) {
      case 'create':
        return this.channels.create(request, request, uids);
      case 'describe':
        return this.channels.describe(request, request);
      case 'delete':
        return this.channels.delete(request);
      case 'add_subscribers':
        return this.channels.addSubscribers(request, uids, request);
      case 'remove_subscribers':
        return this.channels.removeSubscribers(request, uids);
      case 'list_add':
      case 'list_set':
      case 'list_remove':
        return this.channels.changeList(request, list, what, uids);
    }
  }
}
