import { checkEnvironment } from '#platform';

/** What a start makes by itself where it is not set, and one that would do. */
const MADE_LATER = { DATABASE_URL: 'postgres://127.0.0.1/message_center', MASTER_KEY: '0'.repeat(64) };

/**
 * Before a folder, a database or a port is touched: everything that is wrong with what is set, at once.
 * @throws ConfigError
 */
export function checkSettings(env: NodeJS.ProcessEnv): void {
  const missing = Object.entries(MADE_LATER).filter(([name]) => !env[name] && !env[`${name}_FILE`]);
  checkEnvironment({ ...env, ...Object.fromEntries(missing) });
}
