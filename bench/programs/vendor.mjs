// One fake vendor of test/support/fakes, VENDOR_LATENCY_MS away.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { ROOT } from '../../scripts/lib/project.mjs';
import { delayProxy } from '../lib/delay-proxy.mjs';
import { onTerm, serveQuestions } from '../lib/program.mjs';
import { vendorOf } from '../lib/vendors.mjs';

const { VENDOR, VENDOR_LATENCY_MS } = process.env;
const vendor = vendorOf(VENDOR);
const [file, name] = vendor.fake;
const module = await compiled(join(ROOT, 'test/support/fakes', file));
const fake = await module[name].open();
vendor.prepare?.({ fake, module });
const port = await delayProxy(new URL(fake.baseUrl).port, Number(VENDOR_LATENCY_MS));
onTerm(() => fake.close());
serveQuestions({ settings: { ...vendor.account({ fake, module }), baseUrl: `http://127.0.0.1:${port}` } }, {});

/** Fakes are TypeScript and no part of dist/. */
async function compiled(source) {
  const folder = mkdtempSync(join(tmpdir(), 'mc-bench-'));
  try {
    const outfile = join(folder, 'fake.mjs');
    await build({ entryPoints: [source], outfile, bundle: true, format: 'esm', platform: 'node', logLevel: 'error' });
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
