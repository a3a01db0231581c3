import { Delete, Get, Query, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { SandboxRepository, type SandboxFilter, type SandboxRow } from '#entities';
import { NativeController } from '../http/native-controller.decorator.js';
import { NativeOperation } from '../http/native-operation.decorator.js';
import { pageOf, type Page } from '../http/paging.js';
import { SandboxAccess } from './sandbox-access.service.js';
import { SandboxQuery, beforeIdOf } from './sandbox.dto.js';
import { SandboxGuard } from './sandbox.guard.js';

export interface SandboxView {
  channel: string;
  address: string;
  messageId: string | null;
  content: Record<string, unknown>;
  at: string;
}

export const sandboxFilter = (query: SandboxQuery): SandboxFilter => {
  const beforeId = beforeIdOf(query);
  return {
    ...(query.channel ? { channel: query.channel } : {}),
    ...(query.address === undefined ? {} : { address: query.address }),
    ...(beforeId === undefined ? {} : { beforeId }),
  };
};

const viewOf = ({ channel, address, messageId, content, at }: SandboxRow): SandboxView => ({
  channel,
  address,
  messageId,
  content,
  at: at.toISOString(),
});

@NativeController({ path: 'v1/sandbox/messages', guard: SandboxGuard, security: ['admin'] })
export class SandboxController {
  constructor(
    private readonly sandbox: SandboxRepository,
    private readonly access: SandboxAccess,
  ) {}

  @Get()
  @NativeOperation({
    summary: 'What the sandbox provider took, newest first',
    description:
      'Nothing of it left this service. Open without a token where the listener is on loopback. The newest 10,000 are kept.',
    example: {
      items: [
        {
          channel: 'sms',
          address: '13800000000',
          messageId: '01994b5e-7c1e-7c58-9a6e-0a9d5b2f3c11',
          content: { text: 'Order 1001 leaves today.' },
          at: '2026-03-01T00:00:00.101Z',
        },
      ],
      nextCursor: null,
    },
  })
  async list(@Query() query: SandboxQuery): Promise<Page<SandboxView>> {
    const rows = await this.sandbox.list(sandboxFilter(query), query.limit + 1);
    return pageOf(rows, query.limit, viewOf, (row) => [row.id]);
  }

  @Delete()
  @NativeOperation({ summary: 'Empty the sandbox', example: { deleted: 12 } })
  async clear(@Req() request: FastifyRequest): Promise<{ deleted: number }> {
    return { deleted: await this.sandbox.clear({ ...this.access.auditBy(request), action: 'sandbox.clear' }) };
  }
}
