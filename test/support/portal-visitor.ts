import { jest } from '@jest/globals';
import { DatabaseClock, encodeDeliveryRef } from '#entities';
import { PortalLinks } from '../../apps/gateway/src/web/portal/portal-links.service.js';
import type { Answer } from './gateway-app.js';
import { wholeCenter, type WholeCenter } from './whole-center.js';

export interface PortalCenter {
  center: WholeCenter;
  /** Sends over `POST /v1/messages` to one person's inbox and answers the per-delivery reference. */
  deliver(userId: string, content: object, more?: object): Promise<string>;
  /** Path and query of the link that opens the message. */
  linkTo(ref: string): string;
  /** The same link as somebody would have it who got it that long ago. */
  oldLinkTo(ref: string, agoMs: number): string;
  /** Signs a person in by the token exchange; answers the cookie. */
  signIn(userId: string): Promise<string>;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, form?: Record<string, string>, headers?: Record<string, string>): Promise<Answer>;
}

/** The whole center, and what a person does in a browser as far as HTTP goes. */
export async function portalCenter(): Promise<PortalCenter> {
  const center = await wholeCenter();
  const links = center.app.get(PortalLinks, { strict: false });
  const clock = center.app.get(DatabaseClock, { strict: false });
  const { token } = await center.clientApp({ name: 'Intranet', features: ['user-list', 'user-count'] });
  const pathOf = (url: string): string => url.slice(new URL(url).origin.length);
  return {
    center,
    async deliver(userId, content, more = {}) {
      const id = await center.send([userId], ['portal'], '', { content, ...more });
      const [row] = await center.until(
        'the message is in the inbox',
        () =>
          center.rows<{ seq: number; ref: string }>(
            'SELECT seq, ref FROM delivery WHERE message_id = $1 AND inbox_state IS NOT NULL',
            [id],
          ),
        (found) => found.length > 0,
      );
      return encodeDeliveryRef(id, row?.seq ?? 0, row?.ref ?? '');
    },
    linkTo: (ref) => pathOf(links.messageUrl(ref)),
    oldLinkTo(ref, agoMs) {
      const now = jest.spyOn(clock, 'nowMs').mockReturnValue(clock.nowMs() - agoMs);
      try {
        return pathOf(links.messageUrl(ref));
      } finally {
        now.mockRestore();
      }
    },
    async signIn(userId) {
      const { body } = await center.call('POST', '/v1/portal-sessions', { token, body: { userId } });
      const entered = await center.call('GET', pathOf(body.url as string));
      const [cookie] = [entered.headers['set-cookie'] ?? []].flat();
      if (!cookie) throw new Error(`not signed in: ${entered.status}`);
      return cookie.split(';')[0] ?? '';
    },
    get: (path, headers = {}) => center.call('GET', path, { headers }),
    post: (path, form = {}, headers = {}) =>
      center.call('POST', path, {
        body: new URLSearchParams(form).toString(),
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      }),
  };
}

/** The address a form of the page goes to, by the end of its path. */
export function formAction(page: string, action: 'read' | 'done' | 'reply'): string | null {
  const found = new RegExp(`action="([^"]*/${action}\\?[^"]*)"`).exec(page)?.[1];
  return found?.replaceAll('&amp;', '&') ?? null;
}
