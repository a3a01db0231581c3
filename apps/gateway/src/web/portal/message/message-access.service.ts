import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { InboxRepository, type InboxMessage } from '#entities';
import { PortalProblem } from '../page/portal-problem.js';
import { PortalLinks, type LinkProof } from '../portal-links.service.js';
import { PortalSessions } from '../sign-in/portal-sessions.service.js';

export interface OpenedMessage {
  row: InboxMessage;
  /** The person is signed in, not only holding the link. */
  isSignedIn: boolean;
}

/** Who may see a message: whoever holds its link, and the person it went to. */
@Injectable()
export class MessageAccess {
  constructor(
    private readonly links: PortalLinks,
    private readonly sessions: PortalSessions,
    private readonly inbox: InboxRepository,
  ) {}

  /** Null: somebody has to sign in first. @throws PortalProblem */
  async open(request: FastifyRequest, ref: string, proof: LinkProof): Promise<OpenedMessage | null> {
    const hasLink = proof.e !== undefined || proof.sig !== undefined;
    const judgement = hasLink ? this.links.judgeMessage(ref, proof) : 'forged';
    const userId = await this.sessions.userOf(request);
    if (judgement !== 'good' && userId === null) {
      if (hasLink) throw new PortalProblem(judgement);
      return null;
    }
    const row = await this.inbox.findByRef(ref);
    const isSignedIn = row !== null && row.recipient === userId;
    if (!row || (judgement !== 'good' && !isSignedIn)) throw new PortalProblem('not_found');
    return { row, isSignedIn };
  }

  /** For what changes something: being signed in is not enough, the form has to be ours. @throws PortalProblem */
  async change(ref: string, proof: LinkProof): Promise<InboxMessage> {
    const judgement = this.links.judgeMessage(ref, proof);
    if (judgement !== 'good') throw new PortalProblem(judgement);
    const row = await this.inbox.findByRef(ref);
    if (!row) throw new PortalProblem('not_found');
    return row;
  }
}
