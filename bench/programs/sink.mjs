// Where messages arrive: notes when each number came first, on the clock all processes share, and answers 200.
import { createServer } from 'node:http';
import { monotonicMs } from '../lib/open-loop.mjs';
import { onTerm, serveQuestions } from '../lib/program.mjs';

let arrivals = new Map();
let repeated = 0;

const server = createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8');
  request.on('data', (chunk) => (body += chunk));
  request.on('end', () => {
    const number = Number(/Message (\d+)"/.exec(body)?.[1]);
    if (arrivals.has(number)) repeated++;
    else arrivals.set(number, monotonicMs());
    response.end('{}');
  });
});
server.keepAliveTimeout = 60_000;
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
onTerm(() => server.closeAllConnections());
serveQuestions(
  { url: `http://127.0.0.1:${server.address().port}/hook` },
  {
    count: () => ({ count: arrivals.size }),
    take: () => {
      const taken = { arrivals: [...arrivals], repeated };
      arrivals = new Map();
      repeated = 0;
      return taken;
    },
  },
);
