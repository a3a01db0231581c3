import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { setCookie } from '../../../http/cookies.js';
import { PublicAddress } from '../../public-address.service.js';
import { LANGUAGE_COOKIE, languageAsked, languageOf } from './language.js';
import { contentPolicy, documentOf, frameOf, type Frame, type Page } from './shell.js';

const YEAR_S = 365 * 24 * 3600;

/** Answers a request with a page of the portal. */
@Injectable()
export class PortalPages {
  constructor(private readonly address: PublicAddress) {}

  /** A language that the address asks for is kept for the next pages. */
  frame(request: FastifyRequest, reply: FastifyReply): Frame {
    const { pathPrefix, isHttps } = this.address;
    const asked = languageAsked(request);
    if (asked) {
      setCookie(reply, LANGUAGE_COOKIE, asked, { path: `${pathPrefix}/portal`, isSecure: isHttps, maxAgeS: YEAR_S });
    }
    return frameOf(asked ?? languageOf(request), request.url, pathPrefix);
  }

  /** `no-store` and `nosniff` come with every answer of the gateway. */
  async send(reply: FastifyReply, status: number, frame: Frame, page: Page): Promise<void> {
    await reply
      .status(status)
      .header('content-security-policy', contentPolicy(page.style))
      .header('referrer-policy', 'no-referrer')
      .header('vary', 'accept-language, cookie')
      .type('text/html; charset=utf-8')
      .send(documentOf(frame, page));
  }

  /** @param path of ours, begins with `/portal` */
  async redirect(reply: FastifyReply, path: string): Promise<void> {
    await reply
      .status(303)
      .header('referrer-policy', 'no-referrer')
      .header('location', this.address.pathPrefix + path)
      .send();
  }
}
