import { Injectable } from '@nestjs/common';
import { DatabaseClock } from '#entities';
import { LinkSigner } from '#platform';
import { PublicAddress } from '../public-address.service.js';

const HOUR_S = 3600;
const DAY_S = 24 * HOUR_S;
/** How long the link of a message opens it. */
const MESSAGE_LINK_S = 7 * DAY_S;
const IMAGE_LINK_S = DAY_S;

/** Keys of the signatures: a link of the one kind never passes for the other. */
const MESSAGE = 'portal message';
const IMAGE = 'portal image';

/** What a signed link carries beside its subject. Logs blank `sig`. */
export interface LinkProof {
  /** Epoch seconds. */
  e?: unknown;
  sig?: unknown;
}

export type MessageAction = 'read' | 'done' | 'reply';

/** Links to the portal's own pages and pictures. Who holds a message's link may read, answer and close that one message. */
@Injectable()
export class PortalLinks {
  constructor(
    private readonly signer: LinkSigner,
    private readonly address: PublicAddress,
    private readonly clock: DatabaseClock,
  ) {}

  /** Absolute. @param ref per-delivery reference */
  messageUrl(ref: string): string {
    return this.address.url(this.messagePath(ref));
  }

  /** From our own pages. @param action what a form does with the message: it brings its own proof, so no cookie decides */
  messagePath(ref: string, action?: MessageAction): string {
    return `/portal/m/${ref}${action ? `/${action}` : ''}?${this.proofOf(MESSAGE, ref, MESSAGE_LINK_S, HOUR_S)}`;
  }

  judgeMessage(ref: string, proof: LinkProof): 'good' | 'expired' | 'forged' {
    return this.judge(MESSAGE, ref, proof);
  }

  /** Pictures come through us: the sender's server does not see who reads, and the page loads nothing from elsewhere. */
  imagePath(url: string): string {
    return `/portal/image?u=${encodeURIComponent(url)}&${this.proofOf(IMAGE, url, IMAGE_LINK_S, DAY_S)}`;
  }

  judgeImage(url: string, proof: LinkProof): 'good' | 'expired' | 'forged' {
    return this.judge(IMAGE, url, proof);
  }

  /** @param stepS ends are rounded up to it: links made within that time are equal, so browsers keep what is behind them */
  private proofOf(purpose: string, text: string, validS: number, stepS: number): string {
    const expiresAtS = Math.ceil((this.clock.nowMs() / 1000 + validS) / stepS) * stepS;
    return `e=${expiresAtS}&sig=${this.signer.sign(purpose, text, expiresAtS)}`;
  }

  private judge(purpose: string, text: string, { e, sig }: LinkProof): 'good' | 'expired' | 'forged' {
    if (typeof e !== 'string' || typeof sig !== 'string' || !/^\d{1,12}$/.test(e)) return 'forged';
    const nowMs = this.clock.nowMs();
    if (this.signer.verify(purpose, text, Number(e), sig, nowMs)) return 'good';
    return Number(e) * 1000 <= nowMs ? 'expired' : 'forged';
  }
}
