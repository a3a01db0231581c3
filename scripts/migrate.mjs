// `npm run migrate`: brings the database at DATABASE_URL to the newest schema.
import './lib/node-version.mjs';
import { build } from './build.mjs';
import { ensureInstalled } from './ensure-installed.mjs';
import { runBuilt } from './lib/run-built.mjs';

await ensureInstalled();
await build();
await runBuilt('bundle/migrate.js');
