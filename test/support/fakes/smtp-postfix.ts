import { spawnSync } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { closedPort, isListening } from './smtp-script.js';

const POSTFIX = '/usr/sbin/postfix';
const NOBODY = 65_534;

/** Why Postfix cannot be run here, or null. */
export function postfixIsMissing(): string | null {
  if (!existsSync(POSTFIX)) return 'postfix is not installed';
  if (process.getuid?.() !== 0) return 'postfix starts for root only';
  return existsSync('/usr/bin/curl') ? null : 'curl is not installed';
}

export interface PostfixOptions {
  /** Where its bounces are posted. */
  intakeUrl: string;
  /** Port on loopback of the server to which it relays mail for `far.test`. */
  relayPort: number;
}

export interface Postfix {
  port: number;
  /** Mails in the box of `good@mc.test`. */
  delivered(): string[];
  log(): string;
  close(): void;
}

/**
 * A Postfix of its own: configuration, queue and mailboxes in a temporary folder, a high port of loopback, no DNS. It serves
 * mc.test (with one mailbox, `good`), and hands mail for `bounce+…@mc.test` to curl as `docs` tell administrators to do.
 * Mail that cannot be delivered is tried every second and given up after eight.
 */
export async function openPostfix({ intakeUrl, relayPort }: PostfixOptions): Promise<Postfix> {
  const port = await closedPort();
  const root = mkdtempSync(join(tmpdir(), 'postfix-'));
  const config = join(root, 'etc');
  for (const folder of ['etc', 'queue', 'data', 'mail']) mkdirSync(join(root, folder), { mode: 0o755 });
  spawnSync('chmod', ['755', root]);
  spawnSync('chown', ['postfix', join(root, 'data')]);
  chownSync(join(root, 'mail'), NOBODY, NOBODY);
  writeFileSync(join(config, 'main.cf'), mainOf(root, relayPort));
  writeFileSync(join(config, 'master.cf'), masterOf(config, port));
  writeFileSync(join(config, 'intake.curl'), intakeOf(intakeUrl));
  run(config, 'start');
  while (!(await isListening(port))) await delay(50);
  const box = join(root, 'mail', 'good', 'new');
  return {
    port,
    delivered: () => (existsSync(box) ? readdirSync(box).map((name) => readFileSync(join(box, name), 'utf8')) : []),
    log: () => readFileSync(join(root, 'queue', 'log'), 'utf8'),
    close: () => {
      run(config, 'stop');
      rmSync(root, { recursive: true, force: true });
    },
  };
}

function run(config: string, command: 'start' | 'stop'): void {
  const { status, stderr } = spawnSync(POSTFIX, ['-c', config, command], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`postfix ${command}: ${stderr}`);
}

const mainOf = (root: string, relayPort: number): string => `
compatibility_level = 3.6
queue_directory = ${root}/queue
data_directory = ${root}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = ${root}/queue/log
maillog_file_prefixes = ${root}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
disable_dns_lookups = yes
smtpd_peername_lookup = no
mynetworks = 127.0.0.0/8
myhostname = mx.mc.test
mydestination = mc.test
local_recipient_maps =
alias_maps =
recipient_delimiter = +
transport_maps = inline:{ bounce@mc.test=message-center:, good@mc.test=virtual:, far.test=smtp:[127.0.0.1]:${relayPort} }
virtual_mailbox_base = ${root}/mail
virtual_mailbox_maps = inline:{ good@mc.test=good/ }
virtual_uid_maps = static:${NOBODY}
virtual_gid_maps = static:${NOBODY}
queue_run_delay = 3s
minimal_backoff_time = 3s
maximal_backoff_time = 3s
delay_warning_time = 1s
maximal_queue_lifetime = 8s
`;

const masterOf = (config: string, port: number): string => `
127.0.0.1:${port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
local unix - n n - - local
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
message-center unix - n n - 4 pipe
  flags=DORX user=nobody null_sender=
  argv=/bin/sh -c {head -c 1000000 | curl --config ${config}/intake.curl || exit 75}
`;

/** A file, so that the token stands neither in a command line nor in master.cf. */
const intakeOf = (url: string): string => `
url = "${url}"
header = "content-type: message/rfc822"
data-binary = "@-"
fail
silent
show-error
max-time = 30
`;
