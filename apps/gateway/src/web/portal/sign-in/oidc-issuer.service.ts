import { Injectable } from '@nestjs/common';
import * as oidc from 'openid-client';
import { PortalConfig } from '#platform';
import { findUserId, type Claims } from './claims.js';
import { SignInError } from './sign-in-error.js';

const TIMEOUT_S = 10;
/** Endpoints and keys of the issuer are asked for anew after this time, ms. */
const KNOWN_FOR_MS = 3_600_000;

/** What ties the answer of the issuer to the browser that asked. */
export interface IssuerChecks {
  state: string;
  nonce: string;
  /** PKCE: whoever intercepts the code cannot use it without. */
  verifier: string;
}

/**
 * The OpenID Connect issuer of the settings: authorization code with PKCE, state and nonce. It is asked only when somebody
 * signs in, so one that is down keeps nothing from starting. Its address is the operator's own setting and often a private
 * one: calls to it do not pass the rules for addresses that callers choose.
 */
@Injectable()
export class OidcIssuer {
  private known: { issuer: oidc.Configuration; untilMs: number } | undefined;
  private asking: Promise<oidc.Configuration> | undefined;

  constructor(private readonly config: PortalConfig) {}

  get isConfigured(): boolean {
    return this.config.OIDC_ISSUER !== undefined;
  }

  /** Where the person signs in. @throws SignInError `unreachable` */
  async signInUrl(redirectUri: string): Promise<{ url: URL; checks: IssuerChecks }> {
    const issuer = await this.issuer();
    const checks = { state: oidc.randomState(), nonce: oidc.randomNonce(), verifier: oidc.randomPKCECodeVerifier() };
    const url = oidc.buildAuthorizationUrl(issuer, {
      redirect_uri: redirectUri,
      scope: this.config.OIDC_SCOPE,
      state: checks.state,
      nonce: checks.nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(checks.verifier),
      code_challenge_method: 'S256',
    });
    return { url, checks };
  }

  /**
   * The user id of whoever comes back.
   * @param answer the redirect URI with what the issuer added
   * @throws SignInError
   */
  async userIdFrom(answer: URL, { state, nonce, verifier }: IssuerChecks): Promise<string> {
    const issuer = await this.issuer();
    const claims = await this.claimsFrom(issuer, answer, {
      expectedState: state,
      expectedNonce: nonce,
      pkceCodeVerifier: verifier,
      idTokenExpected: true,
    }).catch((error: unknown) => {
      throw refusal(error);
    });
    const userId = findUserId(claims, this.config.OIDC_USER_CLAIM);
    if (userId === null) throw new SignInError('no_user_id', 'none of the claims OIDC_USER_CLAIM');
    return userId;
  }

  /** Where the person may sign out of the issuer too; null where it offers nothing, or nothing now. */
  async signOutUrl(returnUrl: string): Promise<string | null> {
    if (!this.isConfigured) return null;
    const issuer = await this.issuer().catch(() => null);
    if (!issuer?.serverMetadata().end_session_endpoint) return null;
    return oidc.buildEndSessionUrl(issuer, { post_logout_redirect_uri: returnUrl }).href;
  }

  /** The ID token tells who; where it does not name the claim that is wanted, the userinfo endpoint is asked. */
  private async claimsFrom(
    issuer: oidc.Configuration,
    answer: URL,
    checks: oidc.AuthorizationCodeGrantChecks,
  ): Promise<Claims> {
    const tokens = await oidc.authorizationCodeGrant(issuer, answer, checks);
    const claims: Claims & { sub: string } = { sub: '', ...tokens.claims() };
    const [wanted = 'sub'] = this.config.OIDC_USER_CLAIM;
    if (wanted in claims || !issuer.serverMetadata().userinfo_endpoint) return claims;
    return { ...(await oidc.fetchUserInfo(issuer, tokens.access_token, claims.sub)), ...claims };
  }

  private async issuer(): Promise<oidc.Configuration> {
    if (this.known && this.known.untilMs > Date.now()) return this.known.issuer;
    this.asking ??= this.discover().finally(() => (this.asking = undefined));
    try {
      const issuer = await this.asking;
      this.known = { issuer, untilMs: Date.now() + KNOWN_FOR_MS };
      return issuer;
    } catch (error) {
      if (this.known) return this.known.issuer; // what it said last most likely still holds
      throw new SignInError('unreachable', reasonOf(error));
    }
  }

  private discover(): Promise<oidc.Configuration> {
    const { OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET } = this.config;
    const url = new URL(OIDC_ISSUER ?? '');
    return oidc.discovery(url, OIDC_CLIENT_ID, {}, authentication(OIDC_CLIENT_SECRET), {
      timeout: TIMEOUT_S,
      // Over http only where the setting allows it: on this machine.
      execute: [oidc.enableNonRepudiationChecks, ...(url.protocol === 'http:' ? [oidc.allowInsecureRequests] : [])],
    });
  }
}

/** As the issuer takes the secret; without a word of it, in the header, which every issuer has to take. */
function authentication(secret: string | undefined): oidc.ClientAuth {
  if (secret === undefined) return oidc.None();
  const [basic, post] = [oidc.ClientSecretBasic(secret), oidc.ClientSecretPost(secret)];
  return (server, client, body, headers) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    return (methods.includes('client_secret_basic') ? basic : post)(server, client, body, headers);
  };
}

/** Codes of the library for an answer that is none: a proxy's page, half a text, nothing in time. They say nothing of the person. */
const NO_ANSWER = new Set([
  'OAUTH_TIMEOUT',
  'OAUTH_RESPONSE_IS_NOT_CONFORM',
  'OAUTH_RESPONSE_IS_NOT_JSON',
  'OAUTH_PARSE_ERROR',
]);

function refusal(error: unknown): SignInError {
  const isAnswer =
    error instanceof oidc.AuthorizationResponseError ||
    error instanceof oidc.ResponseBodyError ||
    error instanceof oidc.WWWAuthenticateChallengeError ||
    (error instanceof oidc.ClientError && error.code !== undefined && !NO_ANSWER.has(error.code));
  return new SignInError(isAnswer ? 'refused' : 'unreachable', reasonOf(error));
}

/** A code, never a text: the texts of the library may hold what the issuer told. */
function reasonOf(error: unknown): string {
  if (error instanceof oidc.AuthorizationResponseError || error instanceof oidc.ResponseBodyError) return error.error;
  if (error instanceof oidc.ClientError) return error.code ?? error.name;
  return error instanceof Error ? error.name : 'unknown';
}
