import type { AddressInfo } from 'node:net';
import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { HttpConfig } from '#platform';

/** Where people reach this center: `PUBLIC_URL` or the listening address, never what a request's Host header says. */
@Injectable()
export class PublicAddress {
  /** Known once it listens; asking the socket for every link of a list is not free. */
  private listening: string | undefined;

  constructor(
    private readonly config: HttpConfig,
    private readonly http: HttpAdapterHost,
  ) {}

  /** Absolute. @param path begins with `/` */
  url(path: string): string {
    return this.base() + path;
  }

  /** What stands before every path of ours in a browser, where `PUBLIC_URL` names a path; else empty. */
  get pathPrefix(): string {
    return new URL(this.base()).pathname.replace(/(?<!\/)\/+$/, '');
  }

  get isHttps(): boolean {
    return this.base().startsWith('https:');
  }

  private base(): string {
    return this.config.PUBLIC_URL?.replace(/(?<!\/)\/+$/, '') ?? this.listeningUrl();
  }

  private listeningUrl(): string {
    if (this.listening !== undefined) return this.listening;
    const server = this.http.httpAdapter.getHttpServer() as { address(): AddressInfo | string | null };
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : this.config.PORT;
    const { HOST } = this.config;
    // Where it listens on every address, this machine's own is one of them.
    const host = HOST === '0.0.0.0' || HOST === '::' ? '127.0.0.1' : HOST;
    const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
    if (address) this.listening = url;
    return url;
  }
}
