import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { MetadataScanner, ModulesContainer } from '@nestjs/core';
import { gatewayApp, type GatewayApp } from '../support/gateway-app.js';

let gateway: GatewayApp;
let document: OpenApi;
beforeAll(async () => {
  gateway = await gatewayApp();
  document = (await gateway.call('GET', '/docs-json')).body as OpenApi;
});
afterAll(() => gateway.close());

interface Operation {
  tags?: string[];
  security?: object[];
  description?: string;
  requestBody?: { content: Record<string, unknown> };
  responses: Record<string, { description: string; content?: Record<string, unknown> }>;
}
interface OpenApi {
  paths: Record<string, Record<string, Operation>>;
}

/** Not part of an interface: probes, pages for people, and the answer to unknown paths. */
const UNDOCUMENTED = [/^\/health/, /^\/portal/, /^\/(psp|v1)$/, /\*/];

/** Every route that a controller declares. */
function routes(): string[] {
  const scanner = new MetadataScanner();
  const found: string[] = [];
  for (const module of gateway.app.get(ModulesContainer).values()) {
    for (const { metatype } of module.controllers.values()) {
      if (typeof metatype !== 'function') continue;
      const prototype = metatype.prototype as Record<string, object>;
      const base = [Reflect.getMetadata(PATH_METADATA, metatype) as string | string[]].flat();
      for (const name of scanner.getAllMethodNames(prototype)) {
        const handler = prototype[name];
        const path = handler && (Reflect.getMetadata(PATH_METADATA, handler) as string | string[] | undefined);
        if (!handler || path === undefined) continue;
        const method = RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler) as number] ?? '';
        for (const prefix of base) for (const end of [path].flat()) found.push(`${method} ${normal(prefix, end)}`);
      }
    }
  }
  return [...new Set(found)].filter(
    (route) => !UNDOCUMENTED.some((pattern) => pattern.test(route.split(' ')[1] ?? '')),
  );
}

const normal = (...parts: string[]): string =>
  `/${parts
    .flatMap((part) => part.split('/'))
    .filter(Boolean)
    .join('/')}`.replace(/:(\w+)/g, '{$1}');

const operations = (): [string, Operation][] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, Operation] => [
      `${method.toUpperCase()} ${path}`,
      operation,
    ]),
  );

describe('documentation', () => {
  it('holds every route of the app and no other', () => {
    expect(routes().length).toBeGreaterThan(40);
    expect(
      operations()
        .map(([route]) => route)
        .sort(),
    ).toEqual(routes().sort());
  });

  it('is all that is open to the public but pages and probes: metrics are not', async () => {
    for (const path of ['/metrics', '/health/detail', '/api', '/api-json'])
      expect([path, (await gateway.call('GET', path)).status]).toEqual([path, 404]);
  });

  it('groups every operation by door, with an example and its errors', () => {
    const poor = operations().filter(([, { tags, responses }]) => {
      const [success] = Object.entries(responses).filter(([status]) => status.startsWith('2'));
      const hasExample = success?.[0] === '204' || JSON.stringify(success?.[1].content ?? {}).includes('"example');
      // Seed doors answer 200 with a code: the table of the codes stands for the errors.
      const hasErrors =
        Object.keys(responses).some((status) => Number(status) >= 400) ||
        /^\| (?:999999|500) \|/m.test(success?.[1].description ?? '');
      return !tags?.length || !hasExample || !hasErrors;
    });
    expect(poor.map(([route]) => route)).toEqual([]);
  });

  it('says which token an operation of the native door needs, and guards everything it says so of', async () => {
    const native = operations().filter(([, operation]) => operation.tags?.includes('native'));
    const open = native.filter(([, operation]) => !operation.security?.length).map(([route]) => route);
    expect(open).toEqual(['POST /v1/token']);
    for (const [route] of native.filter(([name]) => !open.includes(name) && !name.includes('/sandbox'))) {
      const [method = '', path = ''] = route.split(' ');
      const answer = await gateway.call(method as 'GET', path.replace(/\{\w+\}/g, 'x'));
      expect([route, answer.status]).toEqual([route, 401]);
    }
  });

  it('says of every native operation with a body, and of no other, that the body may be too large', () => {
    const native = operations().filter(([route]) => route.includes(' /v1/'));
    const withBody = native.filter(([, { requestBody }]) => requestBody).map(([route]) => route);
    const refusing = native.filter(([, { responses }]) => responses['413']).map(([route]) => route);
    const inTable = native.filter(([, { description }]) => description?.includes('| 413 | `body_too_large`'));
    expect(withBody.length).toBeGreaterThan(20);
    // It streams lines, any number of them.
    expect(refusing).toEqual(withBody.filter((route) => route !== 'POST /v1/users/import'));
    expect(inTable.map(([route]) => route)).toEqual(refusing);
  });

  it('serves its page and every asset of it from here', async () => {
    const page = await gateway.call('GET', '/docs');
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    const links = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(links.length).toBeGreaterThanOrEqual(4);
    for (const link of links) {
      expect(link).toMatch(/^\/docs\//);
      expect((await gateway.call('GET', link)).status).toBe(200);
    }
    expect((await gateway.call('GET', '/docs/../package.json')).status).toBe(404);
  });
});
