import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { AppError } from '#contracts';
import { portUnusable, untilListening } from './port-unusable.js';
import { whyNotStarted } from './why-not-started.js';

const env = { DATABASE_URL: 'postgres://mc:canary@db.example:5433/center' };
const failing = (fields: object): Error => Object.assign(new Error('words of the driver'), fields);
const fromServer = (code: string): Error => failing({ code, severity: 'FATAL' });
const connecting = (code: string): Error => failing({ code, syscall: 'connect' });

describe('whyNotStarted', () => {
  it.each([
    [connecting('ECONNREFUSED'), 'PostgreSQL does not answer at db.example:5433, where DATABASE_URL points'],
    [connecting('ETIMEDOUT'), 'PostgreSQL does not answer at db.example:5433'],
    [new AggregateError([connecting('ECONNREFUSED')]), 'PostgreSQL does not answer at db.example:5433'],
    [failing({ code: 'ENOTFOUND', syscall: 'getaddrinfo' }), 'The host db.example of DATABASE_URL is not known'],
    [fromServer('28P01'), 'does not let in the user of DATABASE_URL (28P01)'],
    [fromServer('3D000'), 'has no database center: create it, or correct DATABASE_URL'],
    [fromServer('42P01'), 'run "npm run migrate"'],
    [fromServer('53300'), 'takes no connections now (53300)'],
  ])('says in one line what to do about %p', (error, words) => {
    const said = whyNotStarted(error, env);
    expect(said).toContain(words);
    expect(said).toContain('DATABASE_URL');
    expect(said).not.toMatch(/canary|\n/);
  });

  it('finds where a URL from a file or without a port points', () => {
    const error = connecting('ECONNREFUSED');
    expect(whyNotStarted(error, { DATABASE_URL: 'postgres://db/x' })).toContain('at db:5432');
    expect(whyNotStarted(error, { DATABASE_URL: 'postgres://[::1]/x' })).toContain('at [::1]:5432');
  });

  it('says of our own errors what they say to people, of anything else where it happened', () => {
    expect(whyNotStarted(new AppError('X', 'permanent', 'Do this.'), env)).toBe('Do this.');
    const others = [new AppError('X', 'bug', 'x'), new TypeError('x'), fromServer('23505'), failing({ code: 'EPIPE' })];
    for (const error of others) expect(whyNotStarted(error, env)).toContain('why-not-started.spec');
  });
});

describe('untilListening', () => {
  const wanted = { setting: 'PORT', port: 3000, host: '127.0.0.1', purpose: 'HTTP', mayBeNone: false };

  it('turns a port that is taken into a line that names its setting', async () => {
    const first = createServer().listen(0, '127.0.0.1');
    await once(first, 'listening');
    const { port } = first.address() as AddressInfo;
    const listening = once(createServer().listen(port, '127.0.0.1'), 'listening');
    await expect(untilListening(listening, { ...wanted, port })).rejects.toMatchObject({
      code: 'PORT_UNUSABLE',
      kind: 'permanent',
      message: `Port ${port} of 127.0.0.1 for HTTP is taken by another program: set PORT to a free one.`,
    });
    first.close();
  });

  it('leaves alone what has nothing to do with the port', async () => {
    const error = new Error('a hook failed');
    await expect(untilListening(Promise.reject(error), wanted)).rejects.toBe(error);
    await expect(untilListening(Promise.resolve(7), wanted)).resolves.toBe(7);
  });

  it('says where a port may be left out', () => {
    const { message } = portUnusable({ ...wanted, mayBeNone: true }, failing({ code: 'EACCES' }));
    expect(message).toMatch(/cannot be used \(EACCES\): set PORT to a free one, or to 0 for none\.$/);
  });
});
