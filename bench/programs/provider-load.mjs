// One provider of ours under load, and the same calls again from a bare undici loop.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Agent } from 'undici';
import { ROOT } from '../../scripts/lib/project.mjs';
import { onTerm, serveQuestions } from '../lib/program.mjs';
import { vendorOf } from '../lib/vendors.mjs';

const dist = (path) => import(join(ROOT, 'dist', path));
const { GuardedHttp } = await dist('libs/platform/src/index.js');

/** Batches that a worker has in hand at a time: while one ends, the next keeps the account busy. */
const BATCHES = 2;

const vendor = vendorOf(process.env.VENDOR);
const [file, name] = vendor.factory;
const { [name]: Factory } = await dist(join('libs/providers/src', file));
const settings = JSON.parse(process.env.VENDOR_SETTINGS);
const never = new AbortController().signal;
let number = 0;
/** Calls of the last run of ours, and the deliveries they carried. */
let recorded = [];
let carried = 0;
let mostRunning = 0;
let running = 0;

class RecordingHttp extends GuardedHttp {
  async request(request) {
    recorded.push(request);
    mostRunning = Math.max(mostRunning, ++running);
    try {
      return await super.request(request);
    } finally {
      running--;
    }
  }
}

const http = new RecordingHttp({ allow: ['127.0.0.0/8'] });
const factory = new Factory(http, oneToken());
const account = { id: `${vendor.channel}:bench`, channel: vendor.channel, provider: vendor.provider, settings };
const provider = factory.create(account);
onTerm(() => http.close());
serveQuestions(true, { ours, bare });

/** Sends full batches for so long. */
async function ours({ seconds }) {
  recorded = [];
  mostRunning = 0;
  let sent = 0;
  let failed = 0;
  const startedAt = performance.now();
  const batches = async () => {
    while (performance.now() - startedAt < seconds * 1000) {
      const outcomes = await provider.send(Array.from({ length: provider.maxBatch }, nextDelivery), never);
      sent += outcomes.length;
      failed += outcomes.filter((outcome) => outcome.class !== 'ok').length;
    }
  };
  await Promise.all(Array.from({ length: BATCHES }, batches));
  carried = sent;
  return { perSecond: (sent / (performance.now() - startedAt)) * 1000, failed, mostRunning };
}

/** The calls of the last run once more, as many at a time, and nothing but them. */
async function bare({ concurrency }) {
  const origin = settings.baseUrl;
  const agent = new Agent({ connections: concurrency, pipelining: 1 });
  let next = 0;
  let failed = 0;
  const startedAt = performance.now();
  const loop = async () => {
    for (let request = recorded[next++]; request; request = recorded[next++]) {
      const { method, url, headers, body } = request;
      const answer = await agent.request({ origin, path: url.slice(origin.length), method, headers, body });
      JSON.parse(await answer.body.text());
      if (answer.statusCode >= 500) failed++;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, loop));
  const perSecond = (carried / (performance.now() - startedAt)) * 1000;
  await agent.close();
  return { perSecond, failed };
}

const nextDelivery = () => ({
  ref: randomBytes(20).toString('base64url'),
  attempt: 1,
  ...vendor.deliveryOf(number++),
});

/** Keeper of tokens without a database. */
function oneToken() {
  const tokens = new Map();
  const fetched = (key, fetch) => {
    tokens.set(
      key,
      fetch().then(({ token }) => token),
    );
    return tokens.get(key);
  };
  return {
    current: (key, fetch) => tokens.get(key) ?? fetched(key, fetch),
    replace: (key, _, fetch) => fetched(key, fetch),
  };
}
