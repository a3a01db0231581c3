import { Controller, Get, Param, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { findAsset } from './assets.js';

@ApiExcludeController()
@Controller('portal/assets')
export class PortalAssetsController {
  @Get(':name')
  async asset(@Param('name') name: string, @Res() reply: FastifyReply): Promise<void> {
    const asset = findAsset(name);
    if (!asset) {
      await reply.status(404).send();
      return;
    }
    // The icon is the one picture that may hold script; opened by itself it runs none.
    await reply
      .header('cache-control', 'public, max-age=31536000, immutable')
      .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'")
      .type(asset.type)
      .send(asset.bytes);
  }
}
