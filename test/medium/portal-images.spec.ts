import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PortalLinks } from '../../apps/gateway/src/web/portal/portal-links.service.js';
import { gatewayApp, type GatewayApp } from '../support/gateway-app.js';

/** The one address that is open; every spelling of another loopback address must stay closed. */
const OPEN = '127.0.0.9';
const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
const avif = (brand: string): Buffer => Buffer.from(`\0\0\0\x1cftypmif1\0\0\0\0${brand}miafpad.`, 'latin1');

const FILES: Record<string, { body: Buffer; type?: string; status?: number; location?: string }> = {
  '/a.png': { body: PNG },
  '/a.jpg': { body: Buffer.from('ffd8ffe000104a464946', 'hex') },
  '/a.gif': { body: Buffer.from('GIF89a....') },
  '/a.webp': { body: Buffer.from('RIFF....WEBPVP8 ') },
  '/a.avif': { body: avif('avif') },
  '/called-html.png': { body: PNG, type: 'text/html' },
  '/a.svg': {
    body: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
    type: 'image/png',
  },
  '/a.html': { body: Buffer.from('<!doctype html><script>alert(1)</script>'), type: 'image/png' },
  '/a.mp4': { body: avif('isom') },
  '/empty': { body: Buffer.alloc(0) },
  '/missing.png': { body: PNG, status: 404 },
  '/moved.png': { body: PNG, status: 302, location: '/a.png' },
  '/large.png': { body: Buffer.concat([PNG, Buffer.alloc(5 * 1024 * 1024)]) },
};

let gateway: GatewayApp;
let server: Server;
let origin: string;
const asked: string[] = [];
beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    const file = FILES[request.url ?? ''];
    response.writeHead(file?.status ?? 200, {
      'content-type': file?.type ?? 'application/octet-stream',
      'set-cookie': 'tracker=1',
      ...(file?.location && { location: file.location }),
    });
    response.end(file?.body);
  });
  // On every loopback address, so that only the guard can keep a request away.
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  origin = `http://${OPEN}:${(server.address() as AddressInfo).port}`;
  gateway = await gatewayApp({ OUTGOING_ALLOW: `${OPEN}/32`, PUBLIC_URL: 'https://message.example.com/center/' });
});
afterAll(async () => {
  await gateway.close();
  server.close();
});

const linkTo = (url: string): string => gateway.app.get(PortalLinks, { strict: false }).imagePath(url);
const statusOf = async (path: string): Promise<number> => (await gateway.call('GET', path)).status;

describe('pictures of messages', () => {
  it.each([
    ['/a.png', 'image/png'],
    ['/a.jpg', 'image/jpeg'],
    ['/a.gif', 'image/gif'],
    ['/a.webp', 'image/webp'],
    ['/a.avif', 'image/avif'],
    ['/called-html.png', 'image/png'],
  ])('%s is shown as the %s it is', async (path, type) => {
    const { status, headers } = await gateway.call('GET', linkTo(origin + path));
    expect([status, headers['content-type']]).toEqual([200, type]);
    expect(headers).toMatchObject({
      'cache-control': 'private, max-age=86400',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
    });
    expect(headers['set-cookie']).toBeUndefined();
  });

  it.each(['/a.svg', '/a.html', '/a.mp4', '/empty', '/missing.png', '/moved.png', '/large.png'])(
    '%s is not shown',
    async (path) => {
      const { status, text, headers } = await gateway.call('GET', linkTo(origin + path));
      expect([status, text, headers['cache-control']]).toEqual([404, '', 'no-store']);
    },
  );

  it.each([
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f000001',
    '0177.0.0.1',
    '0',
    '0.0.0.0',
    '127.0.0.10',
    '[::1]',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[0:0:0:0:0:ffff:7f00:1]',
    'localhost',
    'localhost.',
    '①②⑦.0.0.1',
    'user@127.0.0.1',
  ])('of an address inside, spelled %s, is never asked for', async (host) => {
    asked.length = 0;
    expect(await statusOf(linkTo(`http://${host}:${new URL(origin).port}/a.png`))).toBe(404);
    expect(asked).toEqual([]);
  });

  it.each([
    'http://169.254.169.254/latest/meta-data',
    'http://10.0.0.1/a.png',
    'file:///etc/passwd',
    'data:image/png;base64,iVBORw0K',
    '//x',
    '',
  ])('of %s is never asked for', async (url) => {
    expect(await statusOf(linkTo(url))).toBe(404);
  });

  it('is no proxy for whoever asks: only what we signed, and only for its time', async () => {
    const path = linkTo(`${origin}/a.png`);
    const query = new URLSearchParams(path.split('?')[1]);
    const changed = (change: Record<string, string>): string =>
      `/portal/image?${new URLSearchParams({ ...Object.fromEntries(query), ...change }).toString()}`;
    asked.length = 0;
    for (const forged of [
      changed({ u: `${origin}/a.gif` }),
      changed({ sig: 'x' }),
      changed({ e: '99999999999' }),
      '/portal/image',
      `/portal/image?u=${origin}/a.png`,
      `${path}&u=${origin}/a.gif`,
    ]) {
      expect(await statusOf(forged)).toBe(403);
    }
    expect(await statusOf(changed({ e: '1000' }))).toBe(410);
    expect(asked).toEqual([]);
    expect(await statusOf(path)).toBe(200);
  });

  it('keep their address for a day, so that browsers keep them', () => {
    expect(linkTo(`${origin}/a.png`)).toBe(linkTo(`${origin}/a.png`));
  });
});

describe('style and script of the pages', () => {
  it('are kept for good under the name of what is in them, below the path of PUBLIC_URL', async () => {
    const { text, headers } = await gateway.call('GET', '/portal/m/x?e=1&sig=x&lang=en');
    expect(String(headers['set-cookie'])).toMatch(/^mc_lang=en; Path=\/center\/portal;.* Secure$/);
    const urls = [...text.matchAll(/(?:href|src)="\/center(\/portal\/assets\/[^"]+)"/g)].map(([, url]) => url ?? '');
    expect(urls).toHaveLength(3);
    for (const url of urls) {
      const asset = await gateway.call('GET', url);
      expect([asset.status, asset.headers['cache-control']]).toEqual([200, 'public, max-age=31536000, immutable']);
      expect(asset.headers['content-type']).toMatch(/^(text\/(css|javascript); charset=utf-8|image\/svg\+xml)$/);
    }
    const { href } = new URL(gateway.app.get(PortalLinks, { strict: false }).messageUrl('x'));
    expect(href).toMatch(/^https:\/\/message\.example\.com\/center\/portal\/m\/x\?e=\d+&sig=[\w-]{43}$/);
  });

  it.each(['portal.css', '..%2Fportal.module.js', 'portal.000000000000.js', '%2e%2e%2f%2e%2e%2fportal.module.js'])(
    'are the only files served: not %s',
    async (name) => {
      expect(await statusOf(`/portal/assets/${name}`)).toBe(404);
    },
  );
});
