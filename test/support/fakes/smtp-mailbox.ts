import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

export interface TakenMail {
  from: string;
  to: string[];
  /** As it came over the wire. */
  raw: string;
  isSecure: boolean;
  user?: string;
}

export interface SmtpMailbox {
  port: number;
  mails: TakenMail[];
  /** Most connections open at one time. */
  mostConnections(): number;
  close(): Promise<void>;
}

/**
 * A mail server on loopback that takes everything but addresses that name a reply code, with or without an enhanced one:
 * `550-5.1.1@x.test` is refused at RCPT, `d552-5.2.3@x.test` after the data.
 */
export async function openSmtpMailbox(options: SMTPServerOptions = {}): Promise<SmtpMailbox> {
  const mails: TakenMail[] = [];
  let open = 0;
  let most = 0;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    onConnect: (_session, done) => {
      most = Math.max(most, ++open);
      done();
    },
    onClose: () => void open--,
    onRcptTo: ({ address }, _session, done) => done(refusalOf(address, '')),
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const to = session.envelope.rcptTo.map(({ address }) => address);
        const refusal = to.map((address) => refusalOf(address, 'd')).find((error) => error);
        if (refusal) return done(refusal);
        const { mailFrom } = session.envelope;
        mails.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to,
          raw: Buffer.concat(chunks).toString('utf8'),
          isSecure: session.secure,
          ...(typeof session.user === 'string' && { user: session.user }),
        });
        done(null, '2.0.0 queued');
      });
    },
    ...options,
  });
  // A client that leaves in the middle is what some tests are about.
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    mostConnections: () => most,
    close: () => new Promise<void>((resolve) => server.close(resolve)),
  };
}

function refusalOf(address: string, prefix: string): (Error & { responseCode: number }) | null {
  const match = new RegExp(`^${prefix}(\\d{3})(?:-([\\d.]+))?[+@]`).exec(address);
  if (!match) return null;
  return Object.assign(new Error(`${match[2] ?? ''} refused on purpose`.trim()), { responseCode: Number(match[1]) });
}
