import { Controller, Get, Post, Query, Req, Res, UseFilters, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppLogger, httpStatusOf } from '#platform';
import { PublicAddress } from '../../public-address.service.js';
import { PortalPages } from '../page/portal-pages.service.js';
import { PortalFilter } from '../page/portal.filter.js';
import { SameOriginGuard } from '../same-origin.guard.js';
import { OidcIssuer } from './oidc-issuer.service.js';
import { portalPath } from './portal-path.js';
import { PortalSessions } from './portal-sessions.service.js';
import { SIGN_IN_PROBLEMS, SignInError, type SignInProblem } from './sign-in-error.js';
import { SignInStates } from './sign-in-state.service.js';
import { signInPage } from './sign-in.page.js';

/** As the address has it: a name may be there twice, or not at all. */
type Asked = Record<string, unknown>;

const CALLBACK = '/portal/sign-in/callback';

/** In and out of the portal. Failures go on to the sign-in page too: codes and states do not stay in the browser's history. */
@ApiExcludeController()
@UseFilters(PortalFilter)
@Controller('portal')
export class SignInController {
  constructor(
    private readonly sessions: PortalSessions,
    private readonly issuer: OidcIssuer,
    private readonly states: SignInStates,
    private readonly pages: PortalPages,
    private readonly address: PublicAddress,
    private readonly logger: AppLogger,
  ) {}

  @Get('sign-in')
  async page(@Req() request: FastifyRequest, @Query() asked: Asked, @Res() reply: FastifyReply): Promise<void> {
    const returnTo = portalPath(asked['returnTo']) ?? '/portal';
    const problem = problemNamed(asked['problem']);
    const isOut = 'signedOut' in asked;
    if (!problem && (await this.sessions.userOf(request)) !== null) return this.pages.redirect(reply, returnTo);
    const frame = this.pages.frame(request, reply);
    const signedOut = isOut ? { url: await this.issuer.signOutUrl(this.address.url('/portal/sign-in')) } : null;
    const page = signInPage(frame, { returnTo, hasIssuer: this.issuer.isConfigured, problem, signedOut });
    return this.pages.send(reply, problem ? httpStatusOf(SIGN_IN_PROBLEMS[problem]) : 200, frame, page);
  }

  @Get('sign-in/start')
  async start(@Query() asked: Asked, @Res() reply: FastifyReply): Promise<void> {
    const returnTo = portalPath(asked['returnTo']) ?? '/portal';
    if (!this.issuer.isConfigured) return this.pages.redirect(reply, '/portal/sign-in');
    await this.orSignInPage(reply, returnTo, async () => {
      const { url, checks } = await this.issuer.signInUrl(this.address.url(CALLBACK));
      this.states.keep(reply, { ...checks, returnTo });
      await reply.status(303).header('referrer-policy', 'no-referrer').header('location', url.href).send();
    });
  }

  @Get('sign-in/callback')
  async callback(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const state = this.states.take(request, reply);
    const returnTo = state?.returnTo ?? '/portal';
    await this.orSignInPage(reply, returnTo, async () => {
      if (!state || !this.issuer.isConfigured) throw new SignInError('stale', 'no state');
      const answer = new URL(this.address.url(CALLBACK));
      answer.search = new URL(request.url, answer).search;
      await this.sessions.start(reply, await this.issuer.userIdFrom(answer, state));
      await this.pages.redirect(reply, returnTo);
    });
  }

  @Post('sign-out')
  @UseGuards(SameOriginGuard)
  async signOut(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.sessions.end(request, reply);
    await this.pages.redirect(reply, '/portal/sign-in?signedOut');
  }

  private async orSignInPage(reply: FastifyReply, returnTo: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof SignInError)) throw error;
      const { problem, reason } = error;
      this.logger.warn({ problem, reason }, 'nobody was signed in');
      await this.pages.redirect(reply, `/portal/sign-in?${new URLSearchParams({ problem, returnTo }).toString()}`);
    }
  }
}

const problemNamed = (text: unknown): SignInProblem | null =>
  typeof text === 'string' && Object.hasOwn(SIGN_IN_PROBLEMS, text) ? (text as SignInProblem) : null;
