import { documentedPermissions, hasRabbitServer, openBrokerScope, startPrivateRabbit } from './rabbit.js';

/** False where the suite was started without a RabbitMQ; `npm test` says so. */
export const HAS_BROKER = process.env['BROKER_AVAILABLE'] !== '0';
/** For titles of suites that need one. */
export const WITHOUT_BROKER = HAS_BROKER ? '' : ' (skipped: BROKER_AVAILABLE=0, there is no RabbitMQ)';

/**
 * A virtual host for one suite: processes declare their queues by fixed names, so a prefix would not do. They may there what the manual
 * says is enough.
 */
export async function openVirtualHost(): Promise<{ url: string; drop(): Promise<void> }> {
  const scope = await openBrokerScope(documentedPermissions());
  if (scope.prefix === '') return scope;
  if (!hasRabbitServer())
    throw new Error('the broker of RABBITMQ_URL gives no virtual host, and no rabbitmq-server is installed');
  const rabbit = await startPrivateRabbit();
  await rabbit.ctl('set_permissions', '-p', '/', 'guest', ...documentedPermissions());
  return { url: rabbit.url, drop: () => rabbit.stop() };
}
