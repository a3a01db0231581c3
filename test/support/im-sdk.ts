import { build } from 'esbuild';
import { WebSocket } from 'ws';

/** What the tests use of the npm package `wukongimjssdk`; its message ids are objects that write themselves as digits. */
interface Sdk {
  config: { addr: string; uid: string; token: string; deviceFlag: number; heartbeatInterval: number };
  connectManager: { addConnectStatusListener(listener: (status: number) => void): void };
  chatManager: {
    send(content: object, channel: object): Promise<{ clientSeq: number }>;
    addMessageListener(listener: (message: SdkMessage) => void): void;
    addCMDListener(listener: (message: SdkMessage) => void): void;
    addMessageStatusListener(listener: (ack: SdkAck) => void): void;
  };
  connect(): void;
  disconnect(): void;
  newChannel(channelId: string, channelType: number): object;
  newMessageText(text: string): object;
}

export interface SdkMessage {
  messageID: string;
  messageSeq: number;
  clientMsgNo: string;
  fromUID: string;
  channel: { channelID: string; channelType: number };
  content: { text?: string; cmd?: string; param?: unknown };
  header: { reddot: boolean; noPersist: boolean; syncOnce: boolean };
}

export interface SdkAck {
  clientSeq: number;
  messageID: { toString(): string };
  messageSeq: number;
  reasonCode: number;
}

export const SDK_STATUS = { disconnected: 0, connected: 1, failed: 3, kicked: 4 } as const;

export interface SdkClient {
  readonly statuses: number[];
  readonly messages: SdkMessage[];
  readonly commands: SdkMessage[];
  readonly acks: SdkAck[];
  sendText(text: string, channelId: string, channelType?: number): Promise<number>;
  close(): void;
}

let bundled: Promise<string> | undefined;

/** The package as an application would ship it; it is written for bundlers. */
function bundle(): Promise<string> {
  bundled ??= build({
    stdin: { contents: "module.exports = require('wukongimjssdk').default;", resolveDir: import.meta.dirname },
    bundle: true,
    format: 'cjs',
    platform: 'browser',
    write: false,
    logLevel: 'silent',
  }).then(({ outputFiles }) => outputFiles[0]?.text ?? '');
  return bundled;
}

/** A stock client of its own: each has its own copy of the package, which holds one connection only. Connecting when it resolves. */
export async function sdkClient({
  port,
  uid,
  token = '',
  deviceFlag = 1,
}: {
  port: number;
  uid: string;
  token?: string;
  deviceFlag?: number;
}): Promise<SdkClient> {
  const module = { exports: {} as { shared(): Sdk } };
  const quiet = { log: () => undefined, debug: () => undefined };
  // It leaves timers behind.
  const interval = (run: () => void, ms: number): NodeJS.Timeout => setInterval(run, ms).unref();
  const timeout = (run: () => void, ms: number): NodeJS.Timeout => setTimeout(run, ms).unref();
  // The package logs every step, and finds its WebSocket and itself among the globals of a browser.
  new Function('module', 'exports', 'WebSocket', 'console', 'window', 'setInterval', 'setTimeout', await bundle())(
    module,
    module.exports,
    WebSocket,
    { ...console, ...quiet },
    {},
    interval,
    timeout,
  );
  const sdk = module.exports.shared();
  Object.assign(sdk.config, { addr: `ws://127.0.0.1:${port}`, uid, token, deviceFlag });
  const client = {
    statuses: [] as number[],
    messages: [] as SdkMessage[],
    commands: [] as SdkMessage[],
    acks: [] as SdkAck[],
  };
  sdk.connectManager.addConnectStatusListener((status) => client.statuses.push(status));
  sdk.chatManager.addMessageListener((message) => client.messages.push(message));
  sdk.chatManager.addCMDListener((message) => client.commands.push(message));
  sdk.chatManager.addMessageStatusListener((ack) => client.acks.push(ack));
  sdk.connect();
  return {
    ...client,
    sendText: async (text, channelId, channelType = 1) =>
      (await sdk.chatManager.send(sdk.newMessageText(text), sdk.newChannel(channelId, channelType))).clientSeq,
    close: () => sdk.disconnect(),
  };
}
