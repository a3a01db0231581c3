import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder of package.json, wherever the command was given. */
export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** Says one line and ends: what a person can mend needs no stack. */
export function giveUp(message) {
  console.error(message);
  process.exit(1);
}

export const seconds = (sinceMs) => `${((Date.now() - sinceMs) / 1000).toFixed(1)} s`;
