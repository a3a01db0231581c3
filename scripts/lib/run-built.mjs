import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from './project.mjs';

/**
 * Continues as a program of dist, in this very process: signals reach it, its exit code is ours, and nothing is left
 * behind when it is killed.
 * @param {string} path below dist/
 */
export async function runBuilt(path) {
  process.setSourceMapsEnabled(true);
  await import(pathToFileURL(join(ROOT, 'dist', path)).href);
}
