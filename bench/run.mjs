// `npm run bench`: every figure with its baselines beside it, in one run on one machine.
import '../scripts/lib/node-version.mjs';
import './lib/no-pretenuring.mjs';
import { build } from '../scripts/build.mjs';
import { ensureInstalled } from '../scripts/ensure-installed.mjs';
import { seconds } from '../scripts/lib/project.mjs';
import { sayFigure } from './lib/figures.mjs';
import { loadNow, machineFacts } from './lib/machine.mjs';
import { SUITES, readOptions } from './lib/options.mjs';
import { writeDocs, writeResults } from './lib/report.mjs';
import { endEverything } from './lib/stack.mjs';

const TITLES = {
  accept: '(a) Accepting: /msg/send, one recipient, committed',
  'platform-accept': 'Accepting at the platform door: /message/sendMessageApi beside /msg/send',
  'fan-out': '(b) Fan-out: one message to a tag, channel portal',
  'end-to-end': '(c) End to end: /msg/send to a webhook, settled',
  smpp: 'SMPP: submits over one session, window 100',
  fairness: "Fairness: one app's single SMS beside another's backlog",
  bulkhead: 'Bulkhead: a fast channel beside slow ones',
  providers: 'HTTP providers: deliveries of one process to a vendor 50 ms away',
  inbox: 'Inbox: user/count and user/list of the platform door',
  relay: 'Relay: /app/message, set and get',
  im: 'IM: /message/send, /channel/messagesync and /message/sendbatch',
  push: 'Push over MQTT: one groupcast, from the call until settled',
  'im-live': 'IM in real time: one channel, everybody connected',
  'sensitive-words': 'Sensitive words: 20,000 words, a text of 2,000 characters',
  footprint: '(d) Start-up and memory',
};

const options = readOptions(process.argv.slice(2));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => {
    console.error('interrupted, ending what was started …');
    void endEverything().finally(() => process.exit(1));
  });
}
await ensureInstalled();
await build();
const result = { at: new Date().toISOString(), machine: machineFacts(), options, suites: [] };
let hasFailed = false;
for (const name of options.suites) {
  const startedAt = Date.now();
  const load = { before: loadNow() };
  console.log(`\n${TITLES[name]}   (load average ${load.before})`);
  try {
    const { figures, facts } = await suiteOf(name);
    result.suites.push({ name, title: TITLES[name], facts, load: { ...load, after: loadNow() }, figures });
    console.log('');
    figures.forEach(sayFigure);
    console.log(`  took ${seconds(startedAt)}, load average ${loadNow()}`);
  } catch (error) {
    hasFailed = true;
    console.error(`  ${name} failed: ${error.stack}`);
  }
}
console.log('');
for (const file of writeResults(result)) console.log(`written: ${file}`);
if (options.isForDocs && !hasFailed)
  for (const file of writeDocs(result, options.suites.length === SUITES.length)) console.log(`written: ${file}`);
process.exit(hasFailed ? 1 : 0);

async function suiteOf(name) {
  switch (name) {
    case 'accept':
      return (await import('./accept.mjs')).accept(options);
    case 'platform-accept':
      return (await import('./platform-accept.mjs')).platformAccept(options);
    case 'fan-out':
      return (await import('./fan-out.mjs')).fanOut(options);
    case 'end-to-end':
      return (await import('./end-to-end.mjs')).endToEnd(options);
    case 'smpp':
      return (await import('./smpp.mjs')).smpp(options);
    case 'fairness':
      return (await import('./fairness.mjs')).fairness(options);
    case 'bulkhead':
      return (await import('./bulkhead.mjs')).bulkhead(options);
    case 'providers':
      return (await import('./providers.mjs')).providers(options);
    case 'sensitive-words':
      return (await import('./sensitive-words.mjs')).sensitiveWords(options);
    case 'push':
      return (await import('./push.mjs')).push(options);
    case 'relay':
      return (await import('./relay.mjs')).relay(options);
    case 'im':
      return (await import('./im.mjs')).im(options);
    case 'im-live':
      return (await import('./im-live.mjs')).imLive(options);
    case 'inbox':
      return (await import('./inbox.mjs')).inbox(options);
    default:
      return (await import('./footprint.mjs')).footprint(options);
  }
}
