/** Settings of the embedded server, given on its command line: a new version of the program brings its own. */
export function serverSettings(port: number, durable: boolean): string[] {
  return [
    'listen_addresses=127.0.0.1',
    `port=${port}`,
    'unix_socket_directories=',
    'max_connections=100',
    'shared_buffers=256MB',
    'random_page_cost=1.1',
    'jit=off',
    // Files beside the cluster: what /dev/shm allows differs between machines and containers.
    'dynamic_shared_memory_type=mmap',
    'timezone=UTC',
    // No replica reads from it, so the log holds what a crash needs and no more.
    'wal_level=minimal',
    'max_wal_senders=0',
    'max_wal_size=2GB',
    'wal_compression=on',
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
