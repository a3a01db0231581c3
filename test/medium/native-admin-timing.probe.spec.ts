import { it } from '@jest/globals';
import { gatewayApp } from '../support/gateway-app.js';
it('timing', async () => {
  const g = await gatewayApp();
  const { appId } = await g.clientApp();
  const t: Record<string, number[]> = { known: [], unknown: [] };
  for (let i = 0; i < 600; i++) {
    for (const kind of ['known', 'unknown']) {
      const from = `127.1.${i >> 3}.${1 + (i % 250)}`;
      const at = performance.now();
      await g.call('POST', '/v1/token', { body: { appId: kind === 'known' ? appId : 'nobody-there', appPassword: 'wrong' }, from });
      t[kind]?.push(performance.now() - at);
    }
  }
  const med = (a: number[]) => a.sort((x, y) => x - y)[a.length >> 1];
  console.log('MEDIAN', med(t.known ?? []), med(t.unknown ?? []));
  await g.close();
}, 60000);
