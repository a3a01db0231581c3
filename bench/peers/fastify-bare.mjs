// Peer: an API that checks and answers and stores nothing. The most this machine's HTTP can do in one Node process.
import { onTerm, serveQuestions } from '../lib/program.mjs';
import { listen } from './http-api.mjs';

const api = await listen(() => undefined);
onTerm(() => api.close());
serveQuestions({ port: api.port }, {});
