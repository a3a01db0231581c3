// `npm start`: everything in one process, on a machine that has Node and nothing else.
import './lib/node-version.mjs';
import { build } from './build.mjs';
import { ensureInstalled } from './ensure-installed.mjs';
import { runBuilt } from './lib/run-built.mjs';

await ensureInstalled();
await build();
await runBuilt('bundle/standalone.js');
