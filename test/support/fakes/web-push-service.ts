import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import type { WebPushSubscription } from '#contracts';
import { stablePort } from '../stable-port.js';

const SERVER = createRequire(import.meta.url).resolve('web-push-testing/src/bin/server.js');
const KEY_BYTES = 87;

/** A push service with browsers behind it (`web-push-testing`): it checks the VAPID signature and decrypts what it takes. */
export class WebPushService {
  private constructor(
    private readonly process: ChildProcess,
    readonly baseUrl: string,
  ) {}

  static async open(): Promise<WebPushService> {
    const port = await stablePort();
    const child = spawn(process.execPath, [SERVER, String(port)], { stdio: ['ignore', 'pipe', 'ignore'] });
    await Promise.race([
      once(child.stdout, 'data'),
      once(child, 'exit').then(() => Promise.reject(new Error('web-push-testing did not start'))),
    ]);
    return new WebPushService(child, `http://localhost:${port}`);
  }

  /** A page subscribes. @param publicKey VAPID */
  async subscribe(publicKey: string): Promise<WebPushSubscription & { clientHash: string }> {
    if (publicKey.length !== KEY_BYTES) throw new Error('not a VAPID key');
    const { data } = await this.post<{ data: WebPushSubscription & { clientHash: string } }>('/subscribe', {
      applicationServerKey: publicKey,
      userVisibleOnly: 'true',
    });
    // It names itself localhost, which has an address in each family.
    return { ...data, endpoint: data.endpoint.replace('//localhost:', '//127.0.0.1:') };
  }

  /** What the page's service worker got, decrypted. */
  async received(clientHash: string): Promise<Record<string, unknown>[]> {
    const { data } = await this.post<{ data: { messages: string[] } }>('/get-notifications', { clientHash });
    return data.messages.map((message) => JSON.parse(message) as Record<string, unknown>);
  }

  async expire(clientHash: string): Promise<void> {
    await fetch(`${this.baseUrl}/expire-subscription/${clientHash}`, { method: 'POST' });
  }

  async close(): Promise<void> {
    if (this.process.exitCode !== null) return;
    const ended = once(this.process, 'exit');
    this.process.kill();
    await ended;
  }

  private async post<T>(path: string, body: object): Promise<T> {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(this.baseUrl + path, { method: 'POST', headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  }
}
