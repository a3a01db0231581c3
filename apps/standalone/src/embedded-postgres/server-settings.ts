import { totalmem } from 'node:os';

const MIB = 2 ** 20;
/** Bounds of the pages that the server keeps in memory, MiB. */
const LEAST_BUFFERS = 128;
const MOST_BUFFERS = 1024;

/**
 * A quarter of the memory, as is customary. What is touched is taken, not what is named; and among a million mailboxes a page that
 * has to be read from the system again costs as much as everything else that is done with it. A container counts its own memory.
 */
export function sharedBuffersMib(ofBytes: number): number {
  return Math.min(MOST_BUFFERS, Math.max(LEAST_BUFFERS, Math.floor(ofBytes / 4 / MIB)));
}

/** Memory this process may use, bytes. */
function memoryBytes(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

/** Settings of the embedded server, given on its command line: a new version of the program brings its own. */
export function serverSettings(port: number, durable: boolean): string[] {
  return [
    'listen_addresses=127.0.0.1',
    `port=${port}`,
    'unix_socket_directories=',
    'max_connections=100',
    `shared_buffers=${sharedBuffersMib(memoryBytes())}MB`,
    'random_page_cost=1.1',
    'jit=off',
    // Files beside the cluster: what /dev/shm allows differs between machines and containers.
    'dynamic_shared_memory_type=mmap',
    'timezone=UTC',
    // No replica reads from it, so the log holds what a crash needs and no more.
    'wal_level=minimal',
    'max_wal_senders=0',
    'max_wal_size=2GB',
    'checkpoint_timeout=15min',
    'autovacuum_naptime=15s',
    // Statements and their values are people's data: of them the log takes nothing.
    'log_min_messages=log',
    'log_min_error_statement=panic',
    'log_error_verbosity=terse',
    'log_checkpoints=off',
    ...(durable ? ['synchronous_commit=on'] : ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']),
  ];
}
