import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type Provider from 'oidc-provider';
import type { KoaContext } from 'oidc-provider';

export const OIDC_CLIENT = { id: 'message-center', secret: 'a secret of the issuer: +/%&' };

export interface OidcIssuer {
  url: string;
  /** Who signs in next, with what the issuer tells of them. */
  person: { sub: string; claims: Record<string, unknown> };
  /** Every call ends without an answer. */
  isDown: boolean;
  /** Gives it its client; before that it has none. */
  register(center: string): Promise<void>;
  close(): Promise<void>;
}

/** A certified OpenID Connect issuer on loopback. Whoever comes is signed in as `person`, without being asked anything. */
export async function oidcIssuer(): Promise<OidcIssuer> {
  let provider: Provider | undefined;
  const server = createServer((request, response) => {
    if (issuer.isDown || !provider) {
      request.socket.destroy();
    } else if (request.url?.startsWith('/interaction/')) {
      const result = { login: { accountId: issuer.person.sub } };
      void provider.interactionFinished(request, response, result);
    } else {
      provider.callback()(request, response);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer: OidcIssuer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    person: { sub: 'nobody', claims: {} },
    isDown: false,
    async register(center) {
      provider = await providerOf(issuer, center);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return issuer;
}

async function providerOf(issuer: OidcIssuer, center: string): Promise<Provider> {
  const { warn } = console;
  console.warn = () => undefined; // of what is wanted here: keys and a store of its own, in memory, and our version of Node
  try {
    const { default: ProviderClass } = await import('oidc-provider');
    return new ProviderClass(issuer.url, configuration(issuer, center));
  } finally {
    console.warn = warn;
  }
}

const configuration = (issuer: OidcIssuer, center: string): Record<string, unknown> => ({
  clients: [
    {
      client_id: OIDC_CLIENT.id,
      client_secret: OIDC_CLIENT.secret,
      redirect_uris: [`${center}/portal/sign-in/callback`],
      post_logout_redirect_uris: [`${center}/portal/sign-in`],
    },
  ],
  claims: { openid: ['sub'], profile: ['preferred_username', 'name'] },
  features: { devInteractions: { enabled: false } },
  cookies: { keys: [randomBytes(16).toString('hex')] },
  ttl: { AccessToken: 60, Grant: 60, IdToken: 60, Interaction: 60, Session: 60 },
  interactions: { url: (_ctx: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
  findAccount: (_ctx: unknown, sub: string) => ({
    accountId: sub,
    claims: () => ({ ...issuer.person.claims, sub }),
  }),
  loadExistingGrant: async ({ oidc }: KoaContext) => {
    const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
    grant.addOIDCScope('openid profile');
    await grant.save();
    return grant;
  },
});
