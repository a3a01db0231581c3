import { once } from 'node:events';
import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net';

/** What the server does at one point of the conversation: a reply line, dropping the connection, or silence. */
export type SmtpReply = string | 'drop' | 'hang';
export type SmtpPoint = 'CONNECT' | 'EHLO' | 'MAIL' | 'RCPT' | 'DATA' | 'BODY_STARTED' | 'BODY_ENDED';

const USUAL: Record<SmtpPoint, SmtpReply> = {
  CONNECT: '220 script ESMTP',
  EHLO: '250 script',
  MAIL: '250 2.1.0 ok',
  RCPT: '250 2.1.5 ok',
  DATA: '354 go on',
  BODY_STARTED: '',
  BODY_ENDED: '250 2.0.0 queued',
};

export interface SmtpScript {
  port: number;
  /** Commands in the order they came, over all connections. */
  commands: string[];
  bodies: string[];
  connections(): number;
  /** Closes every open connection, as a server does with idle ones; resolves when they are gone. */
  dropConnections(): Promise<void>;
  close(): Promise<void>;
}

/** A bare mail server written for the tests: it can break off at any point of the conversation. */
export async function openSmtpScript(replies: Partial<Record<SmtpPoint, SmtpReply>>): Promise<SmtpScript> {
  const script = { ...USUAL, ...replies };
  const commands: string[] = [];
  const bodies: string[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;

  const server = createServer((socket) => {
    connections++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
    const act = (point: SmtpPoint): void => {
      const reply = script[point];
      if (reply === 'drop') socket.destroy();
      else if (reply !== 'hang' && reply !== '') socket.write(`${reply}\r\n`);
    };
    let pending = '';
    let isInBody = false;
    socket.on('data', (chunk) => {
      pending += chunk.toString('latin1');
      for (;;) {
        if (isInBody) {
          if (pending !== '' && script.BODY_STARTED !== '') return act('BODY_STARTED');
          const end = pending.indexOf('\r\n.\r\n');
          if (end < 0) return;
          bodies.push(pending.slice(0, end));
          pending = pending.slice(end + 5);
          isInBody = false;
          act('BODY_ENDED');
          continue;
        }
        const lineEnd = pending.indexOf('\r\n');
        if (lineEnd < 0) return;
        const line = pending.slice(0, lineEnd);
        pending = pending.slice(lineEnd + 2);
        commands.push(line);
        const verb = line.slice(0, 4).toUpperCase();
        if (verb === 'QUIT') socket.end('221 bye\r\n');
        else if (verb === 'RSET' || verb === 'NOOP') socket.write('250 ok\r\n');
        else if (verb === 'HELO' || verb === 'EHLO') act('EHLO');
        else if (verb === 'MAIL' || verb === 'RCPT') act(verb);
        else if (verb === 'DATA') {
          isInBody = script.DATA.startsWith('3');
          act('DATA');
        } else socket.write('502 no such command\r\n');
      }
    });
    act('CONNECT');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    commands,
    bodies,
    connections: () => connections,
    dropConnections: async () => {
      await Promise.all([...sockets].map((socket) => once(socket.end(), 'close')));
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** A port of this machine on which nobody listens. */
export async function closedPort(): Promise<number> {
  const script = await openSmtpScript({});
  await script.close();
  return script.port;
}

export const isListening = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1');
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
