import { Controller, Get, Query, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { PortalLinks } from '../portal-links.service.js';
import { FetchImage } from './fetch-image.service.js';

const BUSY_RETRY_S = '5';

/** Pictures of messages. Only addresses that we signed: this is no proxy for whatever anybody asks for. */
@ApiExcludeController()
@Controller('portal/image')
export class ImageController {
  constructor(
    private readonly links: PortalLinks,
    private readonly images: FetchImage,
  ) {}

  @Get()
  async image(@Query() query: Record<string, unknown>, @Res() reply: FastifyReply): Promise<void> {
    const { u: url } = query;
    const judgement = typeof url === 'string' ? this.links.judgeImage(url, query) : 'forged';
    if (typeof url !== 'string' || judgement !== 'good') {
      await reply.status(judgement === 'expired' ? 410 : 403).send();
      return;
    }
    const image = await this.images.fetch(url);
    if (image.kind === 'image') {
      await reply
        .header('cache-control', 'private, max-age=86400')
        .header('content-security-policy', "default-src 'none'; sandbox")
        .header('content-disposition', 'inline')
        .header('referrer-policy', 'no-referrer')
        .type(image.type)
        .send(image.bytes);
    } else if (image.kind === 'busy') await reply.status(429).header('retry-after', BUSY_RETRY_S).send();
    else await reply.status(404).send();
  }
}
