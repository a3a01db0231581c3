import { Body, Get, Header, HttpCode, Post } from '@nestjs/common';
import { ImListenerConfig } from '#platform';
import { PublicAddress } from '../../web/public-address.service.js';
import { ImDoorController } from './im-door.decorator.js';
import { ApiImRoute, ApiImRouteBatch } from './im-route.docs.js';
import { readUids } from './im.body.js';
import { JSON_TYPE } from './im.envelope.js';

/** Where clients connect. No plain TCP is served, whoever asks. */
@ImDoorController()
export class ImRouteController {
  constructor(
    private readonly config: ImListenerConfig,
    private readonly address: PublicAddress,
  ) {}

  @Get('route')
  @Header('content-type', JSON_TYPE)
  @ApiImRoute()
  route(): string {
    return JSON.stringify(this.addresses());
  }

  @Post('route/batch')
  @HttpCode(200)
  @Header('content-type', JSON_TYPE)
  @ApiImRouteBatch()
  routeBatch(@Body() raw: unknown): string {
    return JSON.stringify([{ ...this.addresses(), uids: readUids(raw, 'own') }]);
  }

  private addresses(): { tcp_addr: string; ws_addr: string; wss_addr: string } {
    const url = this.listenerUrl();
    const isSecure = url.startsWith('wss:');
    return { tcp_addr: '', ws_addr: isSecure ? '' : url, wss_addr: isSecure ? url : '' };
  }

  private listenerUrl(): string {
    const { IM_WS_URL, IM_WS_PORT } = this.config;
    if (IM_WS_URL !== undefined) return IM_WS_URL;
    return IM_WS_PORT === 0 ? '' : `ws://${new URL(this.address.url('/')).hostname}:${IM_WS_PORT}`;
  }
}
