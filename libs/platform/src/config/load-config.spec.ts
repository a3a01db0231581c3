import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { IsBoolean, IsInt, IsOptional, IsString, Max } from 'class-validator';
import { ConfigError } from './config-error.js';
import { HttpConfig } from './http.config.js';
import { HealthConfig } from './health.config.js';
import { configProblems, loadConfig } from './load-config.js';
import { OutgoingConfig } from './outgoing.config.js';
import { PortalConfig } from './portal.config.js';
import { PspConfig, payloadLimitsOf } from './psp.config.js';
import { RabbitConfig } from './rabbit.config.js';
import { RetentionConfig } from './retention.config.js';
import { SandboxConfig } from './sandbox.config.js';
import { SecurityConfig } from './security.config.js';
import { Setting } from './setting.js';
import { WorkerConfig } from './worker.config.js';

class SampleConfig {
  @Setting('A count of things.')
  @IsInt()
  @Max(10)
  COUNT = 3;

  @Setting('Whether it is so.')
  @IsBoolean()
  FLAG = false;

  @Setting('A needed word.', { secret: true })
  @IsString()
  WORD!: string;

  @Setting('A limit that may be absent.')
  @IsOptional()
  @IsInt()
  LIMIT?: number;
}

const problemsOf = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigError) return error;
  }
  throw new Error('no ConfigError');
};

describe('loadConfig', () => {
  it('takes defaults where a variable is absent or empty', () => {
    expect(loadConfig(SampleConfig, { WORD: 'w', COUNT: '', LIMIT: '' })).toEqual({ COUNT: 3, FLAG: false, WORD: 'w' });
  });

  it.each([
    ['on', true],
    ['true', true],
    ['1', true],
    ['ON', true],
    ['off', false],
    ['false', false],
    ['0', false],
  ])('reads the flag %s as %s', (text, expected) => {
    expect(loadConfig(SampleConfig, { WORD: 'w', FLAG: text }).FLAG).toBe(expected);
  });

  it.each(['x', '1e3', '0x10', '1_000', 'Infinity', 'NaN', '3; rm', '5.5', '-'])('refuses the number %s', (text) => {
    expect(problemsOf(() => loadConfig(SampleConfig, { WORD: 'w', COUNT: text })).problems).toMatchObject([
      { name: 'COUNT', expected: 'A count of things.' },
    ]);
  });

  it('converts an optional number that has no default', () => {
    expect(loadConfig(SampleConfig, { WORD: 'w', LIMIT: ' 42 ' }).LIMIT).toBe(42);
    expect(loadConfig(HealthConfig, { HEALTH_PORT: '3105' }).HEALTH_PORT).toBe(3105);
  });

  it('lists every problem at once, with what is wrong and what is expected', () => {
    const error = problemsOf(() => loadConfig(SampleConfig, { COUNT: '11', FLAG: 'maybe', LIMIT: 'many' }));
    expect(error.problems).toEqual([
      { name: 'FLAG', wrong: '"maybe" is neither on nor off', expected: 'Whether it is so.' },
      { name: 'LIMIT', wrong: '"many" is not a number', expected: 'A limit that may be absent.' },
      { name: 'COUNT', wrong: 'must not be greater than 10 (got 11)', expected: 'A count of things.' },
      { name: 'WORD', wrong: 'is not set', expected: 'A needed word.' },
    ]);
    expect(error.message.split('\n')).toHaveLength(5);
  });

  it.each(['with,comma-0123456789', 'with space 0123456789', 'täglich-0123456789'])(
    'refuses the administrator’s token %j, which no header could carry',
    (ADMIN_TOKEN) => {
      const error = problemsOf(() => loadConfig(SecurityConfig, { ADMIN_TOKEN, MASTER_KEY: 'ab'.repeat(32) }));
      expect(error.problems.map((problem) => problem.name)).toEqual(['ADMIN_TOKEN']);
    },
  );

  it('never shows the value of a secret', () => {
    const secrets = { ADMIN_TOKEN: 'short-canary', MASTER_KEY: 'canary-key', RABBITMQ_URL: 'http://u:canary@h' };
    const error = new ConfigError(configProblems([SecurityConfig, RabbitConfig], secrets));
    expect(error.problems.map((p) => p.name)).toEqual(['ADMIN_TOKEN', 'MASTER_KEY', 'RABBITMQ_URL']);
    expect(JSON.stringify([error.message, error.problems, error.details])).not.toContain('canary');
  });
});

describe('secrets from files', () => {
  let folder: string;
  const file = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'mc-config-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('reads the file without its last line break', () => {
    expect(loadConfig(SampleConfig, { WORD_FILE: file('word', ' in a file \r\n') }).WORD).toBe(' in a file ');
  });

  it.each([
    ['absent', () => ({ WORD_FILE: join(folder, 'absent') }), 'cannot be read (ENOENT)'],
    ['empty', () => ({ WORD_FILE: file('empty', '\n') }), 'is empty'],
    ['too large', () => ({ WORD_FILE: file('large', 'x'.repeat(70_000)) }), 'over 64 KiB'],
    [
      'given besides the variable',
      () => ({ WORD_FILE: file('both', 'a'), WORD: 'b' }),
      'both directly and as WORD_FILE',
    ],
  ])('says what is wrong when the file is %s', (_case, env, words) => {
    expect(problemsOf(() => loadConfig(SampleConfig, env())).problems).toMatchObject([
      { name: 'WORD', wrong: expect.stringContaining(words) },
    ]);
  });

  it('does not read files for settings that are no secrets', () => {
    expect(loadConfig(SampleConfig, { WORD: 'w', COUNT_FILE: file('count', '7') }).COUNT).toBe(3);
  });
});

describe('topics', () => {
  it.each([
    ['true'],
    ['1'],
    ['2'],
    ['loopback'],
    ['10.0.0.0/33'],
    ['10.0.0'],
    ['::1/129'],
    ['0x7f.1'],
    ['10.0.0.1,true'],
  ])('refuses TRUSTED_PROXIES=%s, which would let callers forge their address', (text) => {
    expect(problemsOf(() => loadConfig(HttpConfig, { TRUSTED_PROXIES: text })).problems).toHaveLength(1);
  });

  it('takes lists of addresses and ranges', () => {
    const list = ' 10.0.0.0/8 ,192.0.2.7,,fd00::/8,::ffff:10.0.0.0/104';
    const expected = ['10.0.0.0/8', '192.0.2.7', 'fd00::/8', '::ffff:10.0.0.0/104'];
    expect(loadConfig(HttpConfig, { TRUSTED_PROXIES: list }).TRUSTED_PROXIES).toEqual(expected);
    expect(loadConfig(OutgoingConfig, { OUTGOING_ALLOW: list }).OUTGOING_ALLOW).toEqual(expected);
  });

  it.each(['1023,256', '1024,255', '1024', '4097,256', '1024,1025', '1024,256,1', '2048;512', '-1024,256'])(
    'refuses PSP_LIMITS=%s',
    (PSP_LIMITS) => {
      expect(() => loadConfig(PspConfig, { PSP_LIMITS })).toThrow(ConfigError);
    },
  );

  it('takes payload limits that are raised', () => {
    expect(payloadLimitsOf(loadConfig(PspConfig, {}))).toEqual({ any: 1024, ios: 256 });
    expect(payloadLimitsOf(loadConfig(PspConfig, { PSP_LIMITS: '4096,2048' }))).toEqual({ any: 4096, ios: 2048 });
  });

  it.each(['ftp://x', 'http://u:p@x', 'https://x/?a', 'https://x/#a', 'x', 'http://'])(
    'refuses PUBLIC_URL=%s',
    (text) => {
      expect(() => loadConfig(HttpConfig, { PUBLIC_URL: text })).toThrow(ConfigError);
    },
  );

  it.each(['http://xxx', 'https://message.example.com/mc', 'http://127.0.0.1:3000'])('takes PUBLIC_URL=%s', (text) => {
    expect(loadConfig(HttpConfig, { PUBLIC_URL: text }).PUBLIC_URL).toBe(text);
  });

  it.each(['http://sso.example.com', 'http://127.0.0.1.example.com', 'https://sso.example.com/?a', 'sso.example.com'])(
    'refuses OIDC_ISSUER=%s',
    (text) => {
      expect(() => loadConfig(PortalConfig, { OIDC_ISSUER: text })).toThrow(ConfigError);
    },
  );

  it.each([
    'https://sso.example.com/realms/staff',
    'http://127.0.0.1:9000',
    'http://[::1]:9000',
    'http://localhost:9000',
  ])('takes OIDC_ISSUER=%s', (text) => {
    expect(loadConfig(PortalConfig, { OIDC_ISSUER: text }).OIDC_ISSUER).toBe(text);
  });

  it.each(['ab'.repeat(32), Buffer.alloc(32, 7).toString('base64'), Buffer.alloc(32, 250).toString('base64url')])(
    'takes the master key %s',
    (text) => {
      expect(loadConfig(SecurityConfig, { MASTER_KEY: text }).MASTER_KEY).toBe(text);
    },
  );

  it.each(['ab'.repeat(31), 'ab'.repeat(33), 'zz'.repeat(32), Buffer.alloc(31).toString('base64'), 'a'.repeat(45)])(
    'refuses the master key %s',
    (text) => {
      expect(() => loadConfig(SecurityConfig, { MASTER_KEY: text })).toThrow(ConfigError);
    },
  );

  it('takes several broker nodes and leaves the list out where none is set', () => {
    const urls = ['amqp://u:p@a:5672/mc', 'amqps://b'];
    expect(loadConfig(RabbitConfig, { RABBITMQ_URL: urls.join(',') }).RABBITMQ_URL).toEqual(urls);
    expect(loadConfig(RabbitConfig, {}).RABBITMQ_URL).toBeUndefined();
    expect(() => loadConfig(RabbitConfig, { RABBITMQ_URL: ',' })).toThrow(ConfigError);
  });

  it('serves every outgoing channel unless told otherwise, and no other', () => {
    expect(loadConfig(WorkerConfig, {}).CHANNELS).toEqual([
      'sms',
      'mail',
      'wechat',
      'wecom',
      'dingtalk',
      'push',
      'webhook',
    ]);
    expect(loadConfig(WorkerConfig, { CHANNELS: 'sms, mail' }).CHANNELS).toEqual(['sms', 'mail']);
    for (const wrong of ['portal', 'sms,sms', 'fax', ',']) {
      expect(() => loadConfig(WorkerConfig, { CHANNELS: wrong })).toThrow(ConfigError);
    }
  });

  it('keeps the sandbox off and 400 days unless told otherwise', () => {
    expect(loadConfig(SandboxConfig, {}).SANDBOX).toBe(false);
    expect(loadConfig(SandboxConfig, { SANDBOX: 'on' }).SANDBOX).toBe(true);
    expect(loadConfig(RetentionConfig, {})).toEqual({ RETENTION_DAYS: 400, PARTITION_WEEKS: 4 });
  });

  it('shares no list between two loads', () => {
    loadConfig(WorkerConfig, {}).CHANNELS.pop();
    expect(loadConfig(WorkerConfig, {}).CHANNELS).toHaveLength(7);
  });
});
