import { randomBytes } from 'node:crypto';

export type Reply = Record<string, unknown> & { errcode?: number };

interface IssuedToken {
  token: string;
  expiresAtMs: number;
  /** Refused although it is handed out as if it were good. */
  isBroken?: true;
}

const TOKEN_LIFE_MS = 7_200_000;
/** A token that was followed by another stays good for this long; the stable one is renewed this long before its end. */
const HANDOVER_MS = 300_000;
const FORCED_EVERY_MS = 30_000;
const FORCED_A_DAY = 20;
const DAY_MS = 86_400_000;

/**
 * The access tokens of one fake public account. The two kinds know nothing of each other; a legacy one ends the one before within
 * five minutes, the stable one stays the same until it is forced: at most every 30 seconds and 20 times a day.
 */
export class FakeWechatTokens {
  readonly appId = 'wxfake0123456789ab';
  readonly appSecret = `secret-${randomBytes(12).toString('hex')}`;
  /** Callers from elsewhere are refused. */
  isAddressAllowed = true;
  private forced = { day: 0, count: 0, atMs: -Infinity };
  private readonly startedAtMs = Date.now();
  private stable: IssuedToken[] = [];
  private legacy: IssuedToken[] = [];

  constructor(private readonly now: () => number) {}

  /** Every token of the account ends, as when its secret is reset. */
  revoke(): void {
    this.stable = [];
    this.legacy = [];
  }

  /** The stable token that stands is refused from now on, and goes on being handed out. */
  breakStable(): void {
    for (const issued of this.stable) issued.isBroken = true;
  }

  /** Answer of `/cgi-bin/stable_token`. */
  askStable(given: Record<string, unknown>): Reply {
    const problem = this.credentialProblem(given);
    if (problem) return problem;
    const current = this.stable.at(-1);
    if (given['force_refresh'] === true && current && this.now() - this.forced.atMs >= FORCED_EVERY_MS) {
      const day = Math.floor((this.now() - this.startedAtMs) / DAY_MS);
      const count = this.forced.day === day ? this.forced.count : 0;
      if (count === FORCED_A_DAY) return { errcode: 45009, errmsg: 'reach max api daily quota limit' };
      this.forced = { day, count: count + 1, atMs: this.now() };
      this.stable = [];
      return this.issue(this.stable);
    }
    const isGood = current && current.expiresAtMs - this.now() > HANDOVER_MS;
    return isGood ? this.answerOf(current) : this.issue(this.stable);
  }

  /** Answer of `/cgi-bin/token`. */
  askLegacy(given: Record<string, unknown>): Reply {
    const problem = this.credentialProblem(given);
    if (problem) return problem;
    for (const issued of this.legacy) issued.expiresAtMs = Math.min(issued.expiresAtMs, this.now() + HANDOVER_MS);
    return this.issue(this.legacy);
  }

  /** What is wrong with the token of a call; null: nothing. */
  problemOf(token: string | null): Reply | null {
    if (!token) return { errcode: 41001, errmsg: 'access_token missing' };
    const issued = [...this.stable, ...this.legacy].find((one) => one.token === token);
    if (!issued || issued.isBroken)
      return { errcode: 40001, errmsg: `invalid credential, access_token is invalid or not latest: ${token}` };
    return issued.expiresAtMs > this.now() ? null : { errcode: 42001, errmsg: 'access_token expired' };
  }

  private credentialProblem(given: Record<string, unknown>): Reply | null {
    if (given['grant_type'] !== 'client_credential') return { errcode: 40002, errmsg: 'invalid grant_type' };
    if (!given['appid']) return { errcode: 41002, errmsg: 'appid missing' };
    if (!given['secret']) return { errcode: 41004, errmsg: 'appsecret missing' };
    if (given['appid'] !== this.appId) return { errcode: 40013, errmsg: 'invalid appid' };
    if (given['secret'] !== this.appSecret)
      return { errcode: 40125, errmsg: `invalid appsecret ${String(given['secret'])}, view more at the site` };
    return this.isAddressAllowed ? null : { errcode: 40164, errmsg: 'invalid ip 203.0.113.9, not in whitelist' };
  }

  private issue(kept: IssuedToken[]): Reply {
    const issued = {
      token: `${kept.length}_${randomBytes(60).toString('hex')}`,
      expiresAtMs: this.now() + TOKEN_LIFE_MS,
    };
    kept.push(issued);
    return this.answerOf(issued);
  }

  private answerOf({ token, expiresAtMs }: IssuedToken): Reply {
    return { access_token: token, expires_in: Math.floor((expiresAtMs - this.now()) / 1000) };
  }
}
