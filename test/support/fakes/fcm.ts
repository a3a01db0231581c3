import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { importSPKI, jwtVerify } from 'jose';
import { readVendorRequest, type VendorRequest } from './misbehaving-vendor.js';

const KEYS = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
const SCOPE = 'https://www.googleapis.com/auth/firebase.messaging';
const AUDIENCE = 'https://oauth2.googleapis.com/token';
const TOKEN_LIFE_MS = 3599_000;
const MAX_PAYLOAD = 4096;

/** A message as a device gets it. */
export interface FcmMessage {
  token: string;
  notification?: { title?: string; body?: string };
  data?: Record<string, string>;
  [platform: string]: unknown;
}

interface Answer {
  status: number;
  headers?: Record<string, string>;
  json: Record<string, unknown>;
}

export interface FcmRefusal {
  status: number;
  errorCode?: string;
  message?: string;
  field?: string;
  retryAfterS?: number;
}

/**
 * Google's token endpoint and FCM v1 on loopback: the assertion is verified (RS256, by `jose`), tokens expire, one message a call with one
 * token, data of text only, 4,096 bytes. Tokens that begin with `gone` are unregistered, with `foreign` of another project, with `silent`
 * bring no answer; those with `bad` are none.
 */
export class FcmFake {
  /** What devices got. */
  readonly inbox: FcmMessage[] = [];
  readonly requests: VendorRequest[] = [];
  /** The clock by which access tokens expire, ms. */
  now: () => number = Date.now;
  /** Another one each time: nobody remembers the token of the one before. */
  readonly clientEmail = `sender-${randomBytes(4).toString('hex')}@my-app-1234.iam.gserviceaccount.com`;
  private readonly tokens = new Map<string, number>();
  private refusals: FcmRefusal[] = [];

  private constructor(private readonly server: Server) {
    server.on('request', (request, response) => {
      void readVendorRequest(request)
        .then((read) => (read ? this.answer(read) : null))
        .then((answer) => {
          if (answer)
            response
              .writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers })
              .end(JSON.stringify(answer.json));
        });
    });
  }

  static async open(): Promise<FcmFake> {
    const server = createServer();
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    return new FcmFake(server);
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Settings of an account that fit. */
  get account(): { projectId: string; clientEmail: string; privateKey: string; baseUrl: string; tokenUrl: string } {
    const { baseUrl, clientEmail } = this;
    return {
      projectId: 'my-app-1234',
      clientEmail,
      privateKey: KEYS.privateKey,
      baseUrl,
      tokenUrl: `${baseUrl}/token`,
    };
  }

  get tokenCalls(): number {
    return this.requests.filter(({ path }) => path === '/token').length;
  }

  /** All tokens are taken back before their time. */
  revokeTokens(): void {
    this.tokens.clear();
  }

  /** The next sends are refused so. */
  refuse(...refusals: FcmRefusal[]): void {
    this.refusals = refusals;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }

  private async answer(request: VendorRequest): Promise<Answer | null> {
    this.requests.push(request);
    if (request.method === 'POST' && request.path === '/token') return this.issueToken(request);
    if (request.method !== 'POST' || request.path !== '/v1/projects/my-app-1234/messages:send')
      return refusal({ status: 404, message: 'Requested entity was not found.' });
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    if ((this.tokens.get(token) ?? 0) <= this.now())
      return refusal({ status: 401, message: `Request had invalid authentication credentials: ${token}` });
    return this.take(request);
  }

  private async issueToken({ headers, body }: VendorRequest): Promise<Answer> {
    const form = new URLSearchParams(body);
    const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false;
    if (!isForm || form.get('grant_type') !== 'urn:ietf:params:oauth:grant-type:jwt-bearer')
      return { status: 400, json: { error: 'unsupported_grant_type', error_description: 'Invalid grant_type' } };
    const assertion = form.get('assertion') ?? '';
    try {
      const key = await importSPKI(KEYS.publicKey, 'RS256');
      const { payload } = await jwtVerify(assertion, key, {
        algorithms: ['RS256'],
        issuer: this.clientEmail,
        audience: AUDIENCE,
        maxTokenAge: 3600,
      });
      if (payload.scope !== SCOPE || (payload.exp ?? 0) - (payload.iat ?? 0) > 3600) throw new Error('scope or life');
    } catch (error) {
      const description = `Invalid JWT: ${String(error)} ${assertion}`;
      return { status: 400, json: { error: 'invalid_grant', error_description: description } };
    }
    const token = `ya29.fake-${this.tokenCalls}`;
    this.tokens.set(token, this.now() + TOKEN_LIFE_MS);
    return { status: 200, json: { access_token: token, expires_in: 3599, token_type: 'Bearer' } };
  }

  private take({ body }: VendorRequest): Answer | null {
    const { message } = JSON.parse(body) as { message: FcmMessage };
    const { token, notification, data } = message;
    if (token.startsWith('silent')) return null;
    const scripted = this.refusals.shift();
    if (scripted) return refusal(scripted);
    if (token.startsWith('gone'))
      return refusal({ status: 404, errorCode: 'UNREGISTERED', message: 'Requested entity was not found.' });
    if (token.startsWith('foreign')) return refusal({ status: 403, errorCode: 'SENDER_ID_MISMATCH' });
    if (token.startsWith('bad')) {
      const words = 'The registration token is not a valid FCM registration token';
      return refusal({ status: 400, errorCode: 'INVALID_ARGUMENT', message: `${words} ${KEYS.privateKey.repeat(3)}` });
    }
    const wrong = Object.entries(data ?? {}).find(([, value]) => typeof value !== 'string');
    if (wrong)
      return refusal({ status: 400, message: `Invalid value at 'message.data[0].value'`, field: 'message.data' });
    if (Buffer.byteLength(JSON.stringify({ notification, data })) > MAX_PAYLOAD)
      return refusal({ status: 400, errorCode: 'INVALID_ARGUMENT', message: 'Android message is too big' });
    this.inbox.push(message);
    return { status: 200, json: { name: `projects/my-app-1234/messages/${this.inbox.length}` } };
  }
}

const STATUS_WORDS: Record<number, string> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  503: 'UNAVAILABLE',
};

function refusal({ status, errorCode, message = 'refused', field, retryAfterS }: FcmRefusal): Answer {
  const details = [
    ...(errorCode === undefined ? [] : [{ '@type': 'type.googleapis.com/google.firebase.fcm.v1.FcmError', errorCode }]),
    ...(field === undefined
      ? []
      : [{ '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations: [{ field, description: message }] }]),
  ];
  return {
    status,
    ...(retryAfterS === undefined ? {} : { headers: { 'retry-after': String(retryAfterS) } }),
    json: { error: { code: status, message, status: STATUS_WORDS[status], ...(details.length > 0 && { details }) } },
  };
}
