import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/**
 * Style and script are files beside the pages, served as they are written: the script is plain JavaScript with types in its
 * comments (checked by `npm run types`), because a hundred lines do not pay for a bundler in build, image and tests.
 */
const ASSETS = {
  'portal.css': { type: 'text/css; charset=utf-8', files: ['frame.css', 'inbox.css', 'message.css'] },
  'portal.js': { type: 'text/javascript; charset=utf-8', files: ['portal.js'] },
  'icon.svg': { type: 'image/svg+xml', files: ['icon.svg'] },
};
type AssetName = keyof typeof ASSETS;

export interface Asset {
  type: string;
  bytes: Buffer;
}

/** By the last part of its address. The name holds a hash of what is in it, so browsers may keep it for good. */
const byName = new Map<string, Asset>();
const paths = new Map<string, string>();

for (const [asset, { type, files }] of Object.entries(ASSETS)) {
  const bytes = Buffer.concat(files.map((file) => readFileSync(new URL(`../assets/${file}`, import.meta.url))));
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 12);
  const name = asset.replace('.', `.${hash}.`);
  byName.set(name, { type, bytes });
  paths.set(asset, `/portal/assets/${name}`);
}

export const findAsset = (name: string): Asset | null => byName.get(name) ?? null;

/** Path, without the prefix of `PUBLIC_URL`. */
export const assetPath = (asset: AssetName): string => paths.get(asset) ?? '';
