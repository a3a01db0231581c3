import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '#contracts';
import { AppLogger, httpStatusOf } from '#platform';
import { html } from './html.js';
import { PortalPages } from './portal-pages.service.js';
import { PortalProblem } from './portal-problem.js';
import type { Frame, Page } from './shell.js';

/** Whatever goes wrong in the portal is told on a page, in words of its reader. */
@Catch()
export class PortalFilter implements ExceptionFilter {
  constructor(
    private readonly pages: PortalPages,
    private readonly log: AppLogger,
  ) {}

  async catch(error: unknown, host: ArgumentsHost): Promise<void> {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const status = statusOf(error);
    if (status >= 500) this.log.error({ err: error, requestId: request.id }, 'portal page failed');
    const frame = this.pages.frame(request, reply);
    await this.pages.send(reply, status, frame, problemPage(frame, error, status, request.id));
  }
}

function statusOf(error: unknown): number {
  if (error instanceof PortalProblem) return error.status;
  return error instanceof AppError ? httpStatusOf(error.kind) : 500;
}

function problemPage({ words, prefix }: Frame, error: unknown, status: number, requestId: string): Page {
  const name = error instanceof PortalProblem ? error.problem : status < 500 ? 'invalid' : 'failed';
  const [title, advice] = words.problems[name];
  const main = html`<section class="notice" role="alert">
    <h1>${title}</h1>
    <p>${advice}</p>
    ${status >= 500 && html`<p class="quiet">${words.requestId}: ${requestId}</p>`}
    <p class="actions"><a class="button" href="${prefix}/portal">${words.toInbox}</a></p>
  </section>`;
  return { title: title ?? '', main };
}
