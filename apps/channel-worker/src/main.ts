import { OUTGOING_CHANNELS, QUEUES, RPC } from '#contracts';
import { runConsumerApp } from '#messaging';
import { WorkerConfig, loadConfig } from '#platform';
import { ChannelWorkerModule } from './channel-worker.module.js';

/** Patterns of the channels that this replica leaves to others. */
function foreignPatterns(): Set<string> {
  const { CHANNELS } = loadConfig(WorkerConfig);
  const others = OUTGOING_CHANNELS.filter((channel) => !CHANNELS.includes(channel));
  const requests = Object.values(RPC);
  return new Set(
    others.flatMap((channel) => [QUEUES.deliveryRequested(channel), ...requests.map((request) => request(channel))]),
  );
}

/** Found when the first handler is attached: by then every setting is checked, CHANNELS among them. */
let foreign: Set<string> | undefined;

await runConsumerApp(ChannelWorkerModule, {
  healthPort: 3102,
  serves: (pattern) => !(foreign ??= foreignPatterns()).has(pattern),
});
