import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { CannotStartError } from './cannot-start.error.js';

/**
 * As whom PostgreSQL runs. It refuses to run as root, so for root there are two ways:
 * a user namespace in which root is called `nobody` (files stay root's own, no folder needs to be opened to anybody),
 * or, where namespaces are forbidden (containers), another user of the machine.
 */
export interface ServerIdentity {
  /** Set where the server runs as another user than this process: that user must reach binaries and data. */
  readonly otherUser?: { uid: number; gid: number };
  /** Puts the start of the namespace before a command line. */
  wrap(command: string, args: readonly string[]): [string, string[]];
}

const NOBODY = 65534;
const NAMESPACE = ['--user', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`];

export function serverIdentity(): ServerIdentity {
  if (process.getuid?.() !== 0) return { wrap: (command, args) => [command, [...args]] };
  if (hasUserNamespaces()) {
    return { wrap: (command, args) => ['unshare', [...NAMESPACE, '--', command, ...args]] };
  }
  const otherUser = findUser('postgres') ?? findUser('nobody');
  if (!otherUser) {
    throw new CannotStartError(
      'PostgreSQL refuses to run as root and this machine has neither user namespaces nor a user "postgres" or "nobody": start as an ordinary user or set DATABASE_URL',
    );
  }
  return { otherUser, wrap: (command, args) => [command, [...args]] };
}

function hasUserNamespaces(): boolean {
  const probe = spawnSync('unshare', [...NAMESPACE, '--', 'id', '-u'], { encoding: 'utf8' });
  return probe.status === 0 && probe.stdout.trim() === String(NOBODY);
}

function findUser(name: string): { uid: number; gid: number } | null {
  let passwd: string;
  try {
    passwd = readFileSync('/etc/passwd', 'utf8');
  } catch {
    return null;
  }
  const fields = passwd
    .split('\n')
    .find((line) => line.startsWith(`${name}:`))
    ?.split(':');
  const uid = Number(fields?.[2]);
  const gid = Number(fields?.[3]);
  return Number.isInteger(uid) && Number.isInteger(gid) && uid > 0 ? { uid, gid } : null;
}
