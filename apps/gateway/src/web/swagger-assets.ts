import { createReadStream, type ReadStream } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The files of Swagger UI that the page asks for; nothing else of its folder is served. */
const ASSETS: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
};

// The assets come with @nestjs/swagger, so they are looked up from there.
const ownRequire = createRequire(import.meta.url);
const fromNestSwagger = createRequire(ownRequire.resolve('@nestjs/swagger'));
const folder = dirname(fromNestSwagger.resolve('swagger-ui-dist/package.json'));

export interface Asset {
  type: string;
  open(): ReadStream;
}

export const ASSET_NAMES = Object.keys(ASSETS);

export function findAsset(name: string): Asset | null {
  const type = Object.hasOwn(ASSETS, name) ? ASSETS[name] : undefined;
  return type === undefined ? null : { type, open: () => createReadStream(join(folder, name)) };
}
