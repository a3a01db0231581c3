import { describe, expect, it } from '@jest/globals';
import { AppError } from '#contracts';
import { AppLogger } from './app-logger.js';

const CANARY = 'c4n4ry-5ecret';

const recording = (level: 'trace' | 'info' | 'silent' = 'trace') => {
  const written: string[] = [];
  const log = new AppLogger({ level, destination: { write: (line) => void written.push(line) } });
  const lines = () => written.map((line) => JSON.parse(line) as Record<string, unknown>);
  return { log, written, lines, last: () => lines().at(-1) ?? {} };
};

/** A database error as the driver and the ORM hand it on. */
const databaseError = () => {
  const driverError = Object.assign(new Error(`invalid input syntax for type uuid: "${CANARY}"`), {
    severity: 'ERROR',
    code: '22P02',
    detail: `Key (address)=(${CANARY}) already exists.`,
    where: `unnamed portal parameter $1 = '${CANARY}'`,
  });
  return Object.assign(new Error(driverError.message, { cause: driverError }), {
    name: 'QueryFailedError',
    code: '22P02',
    query: `SELECT '${CANARY}'`,
    parameters: [CANARY],
    driverError,
  });
};

describe('AppLogger', () => {
  it('writes one line of JSON with level name, ISO time, constant message and the fields', () => {
    const { log, written, last } = recording();
    log.warn({ messageId: 'm1', attempt: 2 }, 'delivery attempt failed');
    expect(written).toHaveLength(1);
    expect(last()).toMatchObject({ level: 'warn', msg: 'delivery attempt failed', messageId: 'm1', attempt: 2 });
    expect(Date.parse(String(last().time))).not.toBeNaN();
  });

  it('has a method for every level and writes nothing below its own', () => {
    const all = recording();
    const some = recording('info');
    const none = recording('silent');
    for (const { log } of [all, some, none]) {
      for (const level of ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const) log[level]({}, 'm');
    }
    expect(all.lines().map((line) => line.level)).toEqual(['trace', 'debug', 'info', 'warn', 'error', 'fatal']);
    expect(some.lines()).toHaveLength(4);
    expect(none.written).toEqual([]);
  });

  it('writes what Nest logs in the same form', () => {
    const { log, lines } = recording();
    log.log('Nest started', 'NestFactory');
    log.error('it broke', 'Error: it broke\n    at run (file.js:1:1)', 'Runner');
    log.error(new AppError('X', 'bug', 'broken'), 'ExceptionsHandler');
    log.verbose('detail', { id: 1 }, 'Ctx');
    log.debug({ mapped: '/x' });
    expect(lines()).toMatchObject([
      { level: 'info', msg: 'Nest started', context: 'NestFactory' },
      { level: 'error', msg: 'it broke', context: 'Runner', stack: expect.stringContaining('at run') },
      { level: 'error', msg: 'unexpected error', context: 'ExceptionsHandler', err: { code: 'X', kind: 'bug' } },
      { level: 'trace', msg: 'detail', context: 'Ctx', extra: [{ id: 1 }] },
      { level: 'debug', msg: 'event', event: { mapped: '/x' } },
    ]);
  });

  it('keeps fields from replacing the members of the line itself', () => {
    const { log, written, last } = recording();
    log.info({ level: 'fatal', time: 0, msg: 'other', pid: 1 }, 'real');
    expect(last()).toMatchObject({ level: 'info', msg: 'real', level_: 'fatal', msg_: 'other', time_: 0, pid_: 1 });
    expect(written[0]?.match(/"level":/g)).toHaveLength(1);
  });

  it('serialises errors by type, code, kind, message, frames and causes', () => {
    const { log, last } = recording();
    const cause = Object.assign(new TypeError('socket hang up'), { code: 'ECONNRESET' });
    log.error({ err: new AppError('PROVIDER_TIMEOUT', 'transient', 'No answer.', {}, { cause }) }, 'attempt failed');
    expect(last().err).toMatchObject({
      type: 'AppError',
      code: 'PROVIDER_TIMEOUT',
      kind: 'transient',
      message: 'No answer.',
      stack: expect.stringContaining('app-logger.spec'),
      cause: { type: 'TypeError', code: 'ECONNRESET', message: 'socket hang up' },
    });
  });
});

describe('what must never be logged', () => {
  const secretNames = [
    ...[
      'token',
      'access_token',
      'accessToken',
      'appPassword',
      'appSecret',
      'secret',
      'password',
      'pass',
      'key',
      'md5_id',
    ],
    ...[
      'authorization',
      'Authorization',
      'cookie',
      'set-cookie',
      'address',
      'sig',
      'signature',
      'ADMIN_TOKEN',
      'masterKey',
    ],
    ...['body', 'payload', 'phone', 'mobile', 'clientSecret', 'x-api-key', 'parameters', 'refreshTokens'],
  ];

  it.each(secretNames)('the value of a field named %s, at any depth', (name) => {
    const { log, written } = recording();
    const inside = { [name]: CANARY, ok: 1 };
    log.info(inside, 'm');
    log.info({ a: inside, list: [inside], map: new Map([['x', inside]]), set: new Set([inside]) }, 'm');
    log.info({ a: { b: { c: { d: { e: { f: inside } } } } } }, 'm');
    log.info({ [name]: { nested: [CANARY] } }, 'm');
    log.info({ [name]: Buffer.from(CANARY) }, 'm');
    log.log(inside, 'Context');
    log.log('text', inside, 'Context');
    log.info({ json: JSON.stringify(inside) }, 'm');
    expect(written).toHaveLength(8);
    expect(written.join('')).not.toContain(CANARY);
    expect(written.join('')).not.toContain(Buffer.from(CANARY).toJSON().data.join(','));
  });

  it.each([
    `https://host/app/message?do=get&token=${CANARY}&x=1`,
    `https://host/msg/ack?access_token=${CANARY}`,
    `/msg/getThirdAPIToken?appId=a&appPassword=${CANARY}#x`,
    `/app/message?key=${CANARY}`,
    `/app/message?do=del&md5_id=${CANARY}`,
    `/p/link?sig=${CANARY}&e=1`,
    `/r?next=%2Fmsg%3Ftoken%3D${CANARY}`,
    `postgres://user:${CANARY}@db:5432/mc`,
    `amqp://${CANARY}@broker/mc`,
    `Authorization: Bearer ${CANARY}`,
    `sent authorization=Basic ${CANARY}`,
    `request body {"appSecret": "${CANARY}", "a": 1}`,
    `request body {\\"token\\":\\"${CANARY}\\"}`,
    `{"clientSecret":"a\\n${CANARY}"}`,
    JSON.stringify({ inner: JSON.stringify({ token: `a"${CANARY}\n${CANARY}` }) }),
    JSON.stringify({ token: `a"${CANARY}\\` }),
    `cookie: sid=${CANARY}; other=${CANARY}`,
    `set-cookie: ${CANARY}`,
    `ACCESS-TOKEN=${CANARY}`,
    `form a=1&api_key=${CANARY}&b=2`,
  ])('the secret inside the text %s', (text) => {
    const { log, written } = recording();
    const failure = Object.assign(new Error(text, { cause: new Error(text) }), { code: text });
    log.info({ url: text, list: [text], [text]: 1, link: safeUrl(text) }, 'm');
    log.info({}, text);
    log.log(text, text);
    log.error({ err: failure, deeper: { failure } }, 'm');
    log.error(failure, 'Context');
    log.error(text, failure.stack, 'Context');
    log.error({ err: new AggregateError([failure], text) }, 'm');
    expect(written).toHaveLength(7);
    expect(written.join('')).not.toContain(CANARY);
  });

  it('statement, parameters and row of a database error', () => {
    const { log, written, last } = recording();
    log.error({ err: databaseError() }, 'query failed');
    log.error(databaseError(), 'ExceptionsHandler');
    expect(written.join('')).not.toContain(CANARY);
    expect(last().err).toMatchObject({
      type: 'QueryFailedError',
      code: '22P02',
      message: expect.stringContaining('uuid'),
    });
  });

  it('anything that could end or colour the line of a terminal', () => {
    const { log, written, last } = recording();
    const hostile = 'title\r\n{"level":"fatal"}\u001b[31m\u009b31m\u2028\u2029\u0085\u202e\u0000';
    log.info({ title: hostile, [hostile]: 1 }, hostile);
    log.log(hostile, hostile);
    expect(written).toHaveLength(2);
    for (const line of written) {
      expect(line.slice(0, -1)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/);
      expect(line.endsWith('\n')).toBe(true);
    }
    expect(last().level).toBe('info');
  });

  it('values without end: deep, wide, long and circular ones are cut', () => {
    const { log, written } = recording();
    const circle: Record<string, unknown> = { id: 1 };
    circle.self = circle;
    const wide = Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`f${i}`, { g: Array(5_000).fill('x') }]));
    const hostile = {
      toJSON: () => CANARY,
      big: 10n,
      fn: () => CANARY,
      sym: Symbol(CANARY),
      date: new Date(NaN),
      bytes: Buffer.alloc(9e6),
    };
    log.info({ circle, wide, hostile, long: 'x'.repeat(1_000_000) }, 'y'.repeat(1_000_000));
    expect(written).toHaveLength(1);
    expect(written[0]?.length).toBeLessThan(100_000);
    expect(written[0]).not.toContain(CANARY);
  });

  it('costs a time linear in the text, whatever the text', () => {
    const { log, written } = recording();
    for (const unit of ['token', '"token":"', 'a://', 'bearer ', '%3d', '\\"', '=&', '"\\']) {
      log.info({ text: unit.repeat(100_000) }, 'm');
    }
    expect(written).toHaveLength(8);
  });
});

const safeUrl = (text: string): URL | null => (URL.canParse(text) ? new URL(text) : null);
