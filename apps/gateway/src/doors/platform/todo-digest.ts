import { createHash } from 'node:crypto';

/** What makes two to-dos of an app and a person the same. Each part with its length: no two lists of parts read alike. */
export function todoDigest(parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:${part}`);
  return hash.digest('hex');
}
