import { Get, Query } from '@nestjs/common';
import { TagListRepository, type TagRow } from '#entities';
import type { CallingApp } from '../../../intake/accept-message.command.js';
import { CurrentApp } from '../auth/caller.js';
import { ClientAppGuard } from '../auth/client-app.guard.js';
import { NativeController } from '../http/native-controller.decorator.js';
import { NativeOperation } from '../http/native-operation.decorator.js';
import { PageQuery, decodeCursor, pageOf, type Page } from '../http/paging.js';

interface TagView {
  name: string;
  createdAt: string;
}
const view = ({ name, createdAt }: TagRow): TagView => ({ name, createdAt: createdAt.toISOString() });
const EXAMPLE: TagView = { name: 'vip', createdAt: '2026-01-05T08:00:00.000Z' };

@NativeController({ path: 'v1/tags', guard: ClientAppGuard, security: ['clientApp'] })
export class TagsController {
  constructor(private readonly tags: TagListRepository) {}

  @Get()
  @NativeOperation({
    summary: 'The calling app’s tags',
    description: 'Door `msg` fills them: `/msg/tag/add`.',
    example: { items: [EXAMPLE], nextCursor: null },
  })
  async list(@Query() { limit, cursor }: PageQuery, @CurrentApp() app: CallingApp): Promise<Page<TagView>> {
    const [after] = decodeCursor<[string]>(cursor, ['string']) ?? [''];
    return pageOf(await this.tags.list(app.appId, after, limit + 1), limit, view, (tag) => [tag.name]);
  }
}
