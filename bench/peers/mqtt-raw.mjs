// Peer: the npm client `mqtt` publishing at QoS 1 with as many messages under way as the window allows. No accounts, no outcomes,
// no database.
import { randomBytes } from 'node:crypto';
import mqtt from 'mqtt';
import { onTerm, serveQuestions } from '../lib/program.mjs';

const window = Number(process.env.MQTT_WINDOW);
const client = await mqtt.connectAsync(process.env.MQTT_URL, {
  username: 'center',
  password: process.env.MQTT_PASSWORD,
  protocolVersion: 5,
});
onTerm(() => client.endAsync());
serveQuestions(true, { run });

/** As long as ours: the same fields. */
const payloadOf = (title) =>
  JSON.stringify({
    ref: randomBytes(26).toString('base64url'),
    kind: 'notification',
    title,
    sentAt: new Date().toISOString(),
  });

function run({ count, title }) {
  const startedAt = performance.now();
  let published = 0;
  let answered = 0;
  return new Promise((resolve, reject) => {
    const publish = () => {
      if (published === count) return;
      const topic = `device/dev-${published++}/msg`;
      client.publish(topic, payloadOf(title), { qos: 1 }, (error) => {
        if (error) return reject(error);
        answered++;
        if (answered === count) resolve({ perSecond: (count / (performance.now() - startedAt)) * 1000 });
        else publish();
      });
    };
    for (let i = 0; i < window; i++) publish();
  });
}
