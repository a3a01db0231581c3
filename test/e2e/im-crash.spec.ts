import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { Center } from '../support/center.js';
import { HAS_BROKER, WITHOUT_BROKER, openVirtualHost } from '../support/e2e-broker.js';
import type { RunningApp } from '../support/processes.js';
import { seeded } from '../support/seeded.js';

const KILLS = 3;
const SEED = 20_261_129;
const CALLERS = 6;
const CHANNELS = ['busy', 'quiet', 'third'];

interface Sent {
  channel: string;
  seq: number;
  clientMsgNo: string;
}

(HAS_BROKER ? describe : describe.skip)(`SIGKILL of im-sync under load${WITHOUT_BROKER}`, () => {
  let center: Center;
  let broker: Awaited<ReturnType<typeof openVirtualHost>>;
  const replicas: RunningApp[] = [];

  beforeAll(async () => {
    broker = await openVirtualHost();
    const env = { IM_AUTH: 'none', IM_WS_PORT: '0' };
    center = await Center.open({ rabbitUrl: broker.url, recipients: 0, env });
    await center.start('gateway');
    for (let i = 0; i < 2; i++) replicas.push(await center.start('im-sync'));
  });
  afterAll(async () => {
    await center?.close();
    await broker?.drop();
  });

  it('loses no message that was answered and leaves no seq out', async () => {
    const storm = { isOver: false };
    const sent: Sent[] = [];
    let unknown = 0;
    const callers = Array.from({ length: CALLERS }, async (_, caller) => {
      for (let k = 0; !storm.isOver; k++) {
        const channel = CHANNELS[k % CHANNELS.length] ?? '';
        const clientMsgNo = `${caller}-${k}`;
        const body = { client_msg_no: clientMsgNo, channel_id: channel, channel_type: 2, payload: 'aGk=' };
        const answer = await center.call('POST', '/message/send', body).catch(() => null);
        const text = (await answer?.text()) ?? '';
        const seq = Number(/"message_seq":(\d+)/.exec(text)?.[1] ?? 0);
        if (answer?.status === 200) sent.push({ channel, seq, clientMsgNo });
        else unknown++;
      }
    });
    const dice = seeded(SEED);
    for (let kill = 0; kill < KILLS; kill++) {
      await sleep(dice.int(400)); // the moment is the fault: nothing to wait for
      await replicas[kill % 2]?.kill('SIGKILL');
      replicas[kill % 2] = await center.start('im-sync');
    }
    storm.isOver = true;
    await Promise.all(callers);

    const { rows } = await center.db.query<{ channel: string; seq: string; client_msg_no: string }>(
      `SELECT channel_id AS channel, seq, client_msg_no FROM im_message ORDER BY channel_id, seq`,
    );
    const log = new Map(rows.map(({ channel, seq, client_msg_no: no }) => [`${channel} ${seq}`, no]));
    expect(sent.filter(({ channel, seq, clientMsgNo }) => log.get(`${channel} ${seq}`) !== clientMsgNo)).toEqual([]);
    for (const channel of CHANNELS) {
      const seqs = rows.filter((row) => row.channel === channel).map(({ seq }) => Number(seq));
      expect(seqs).toEqual(seqs.map((_, i) => i + 1));
    }
    const { rows: ids } = await center.db.query(
      'SELECT message_id FROM im_message GROUP BY message_id HAVING count(*) > 1',
    );
    expect(ids).toEqual([]);
    expect(sent.length).toBeGreaterThan(KILLS * CALLERS);
    expect(rows.length).toBeLessThanOrEqual(sent.length + unknown);
  }, 120_000);
});
