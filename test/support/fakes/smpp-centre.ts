import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import smpp, { type PDU, type Session } from 'smpp';

/** A submit as the library of others reads it. */
export interface TakenSubmit {
  to: string;
  from: string;
  text: string;
  dataCoding: number;
  registeredDelivery: number;
  /** Information elements of the user data header, each with its kind and length. */
  header: Buffer[];
  destTon: number;
  sourceTon: number;
}

/** What the centre answers; `silent`: nothing, ever. */
export type SubmitAnswer = { status?: number; messageId?: string } | 'silent';

export interface SmppCentreOptions {
  systemId?: string;
  password?: string;
  /** Status of the answer to the n-th bind, from 0; without it, by the credentials. */
  bindStatus?: (n: number) => number;
  /** @param n number of the submit over all connections, from 0 */
  answer?: (submit: TakenSubmit, n: number) => SubmitAnswer | Promise<SubmitAnswer>;
  tls?: { key: string; cert: string };
}

export interface SmppCentre {
  port: number;
  submits: TakenSubmit[];
  /** Commands in the order they came, over all connections; enquiries of the centre itself are answered but not listed. */
  commands: string[];
  /** Most submits without an answer at one time. */
  mostOutstanding(): number;
  /** Delivers to the newest session; answers the `command_status` that came back. */
  deliver(fields: Record<string, unknown>): Promise<number>;
  /** The newest session, once one is bound. */
  session(): Promise<Session>;
  /** Breaks off every connection. */
  dropConnections(): void;
  close(): Promise<void>;
}

const INVALID_PASSWORD = 0x0e;
const UCS2 = 8;

/** A message centre on loopback, made with the npm package `smpp`: another's reading of the same protocol. */
export async function openSmppCentre(options: SmppCentreOptions = {}): Promise<SmppCentre> {
  const submits: TakenSubmit[] = [];
  const commands: string[] = [];
  const bound: Session[] = [];
  let waitingForBound: (() => void)[] = [];
  let binds = 0;
  let outstanding = 0;
  let most = 0;

  const server = smpp.createServer(options.tls ?? {}, (session) => {
    session.on('error', () => undefined);
    session.on('pdu', (pdu: PDU) => commands.push(pdu.command));
    session.on('close', () => {
      if (bound.includes(session)) bound.splice(bound.indexOf(session), 1);
    });
    session.on('bind_transceiver', (pdu: PDU) => {
      const isWelcome =
        pdu.system_id === (options.systemId ?? 'center') && pdu.password === (options.password ?? 'secret');
      const status = options.bindStatus?.(binds++) ?? (isWelcome ? 0 : INVALID_PASSWORD);
      session.send(pdu.response({ command_status: status, system_id: 'FAKE' }));
      if (status !== 0) return;
      bound.push(session);
      for (const go of waitingForBound.splice(0)) go();
    });
    session.on('enquire_link', (pdu: PDU) => session.send(pdu.response()));
    session.on('unbind', (pdu: PDU) => {
      session.send(pdu.response());
      session.close();
    });
    session.on('submit_sm', (pdu: PDU) => {
      const submit = readSubmit(pdu);
      submits.push(submit);
      most = Math.max(most, ++outstanding);
      const n = submits.length - 1;
      void Promise.resolve(options.answer?.(submit, n) ?? {}).then((answer) => {
        if (answer === 'silent') return;
        outstanding--;
        session.send(pdu.response({ command_status: answer.status ?? 0, message_id: answer.messageId ?? `id-${n}` }));
      });
    });
  });
  // Clients that leave in the middle are what some tests are about.
  server.on('error', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const session = async (): Promise<Session> => {
    while (bound.length === 0) await new Promise<void>((resolve) => waitingForBound.push(resolve));
    return bound[bound.length - 1] as Session;
  };
  return {
    port: (server.address() as AddressInfo).port,
    submits,
    commands,
    mostOutstanding: () => most,
    session,
    deliver: async (fields) => {
      const to = await session();
      return new Promise((resolve) => to.deliver_sm(fields, (answer) => resolve(answer.command_status)));
    },
    dropConnections: () => server.sessions.forEach((one) => one.destroy()),
    close: async () => {
      waitingForBound = [];
      const closed = once(server, 'close');
      server.close();
      for (const one of [...server.sessions]) one.destroy();
      await closed;
    },
  };
}

function readSubmit(pdu: PDU): TakenSubmit {
  const { message, udh } = pdu.short_message as { message: string | Buffer; udh?: Buffer[] };
  return {
    to: String(pdu.destination_addr),
    from: String(pdu.source_addr),
    text: typeof message === 'string' ? message : message.toString(pdu.data_coding === UCS2 ? 'utf16le' : 'latin1'),
    dataCoding: Number(pdu.data_coding),
    registeredDelivery: Number(pdu.registered_delivery),
    header: udh ?? [],
    destTon: Number(pdu.dest_addr_ton),
    sourceTon: Number(pdu.source_addr_ton),
  };
}
