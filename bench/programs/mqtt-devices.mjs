// All devices in one: hears what is for any of them, and counts. It acknowledges nothing: what is measured ends at the broker.
import mqtt from 'mqtt';
import { onTerm, serveQuestions } from '../lib/program.mjs';

let count = 0;
const client = mqtt.connect(process.env.MQTT_URL, { username: 'devices', password: process.env.MQTT_PASSWORD });
client.on('packetreceive', ({ cmd }) => {
  if (cmd === 'publish') count++;
});
await new Promise((resolve) => client.once('connect', resolve));
await client.subscribeAsync('device/+/msg', { qos: 0 });
onTerm(() => client.endAsync());
serveQuestions(true, { count: () => ({ count }) });
