import { afterEach, describe, expect, it } from '@jest/globals';
import { GatewayModule } from '../../apps/gateway/src/gateway.module.js';
import { gatewayApp } from '../support/gateway-app.js';

/** What the administrator sees of channel `push` in a gateway with these settings, and what a push to a device answers. */
async function tryPush(
  settings: Record<string, string>,
): Promise<{ channel: string; answered: number; code?: unknown }> {
  const mc = await gatewayApp({ SANDBOX: 'off', ...settings }, { rootModule: GatewayModule });
  try {
    const { token } = await mc.clientApp({ name: 'Phones', channels: ['push'] });
    const device = { userId: 'u1', platform: 'android', provider: 'mqtt' };
    await mc.admin('PUT', '/v1/devices/phone-1', device);
    const body = { to: { devices: ['phone-1'] }, content: { text: 'hello' } };
    const sent = await mc.call('POST', '/v1/messages', { token, body });
    const { status } = (await mc.admin('GET', '/v1/channels/push')).body as { status: string };
    return { channel: status, answered: sent.status, code: sent.body['code'] };
  } finally {
    await mc.close();
  }
}

describe('channel push without an account and without the sandbox', () => {
  afterEach(() => {
    delete process.env['MQTT_URL'];
  });

  it('is on where MQTT_URL names a broker', async () => {
    expect(await tryPush({ MQTT_URL: 'mqtt://127.0.0.1:1883' })).toMatchObject({ channel: 'on', answered: 202 });
  });

  it('is off where none is named', async () => {
    expect(await tryPush({})).toMatchObject({ channel: 'not configured', answered: 403, code: 'channel_off' });
  });
});
