// As fast as it goes on a fixed number of connections: for capacities. Latencies are of this load and no other.
import autocannon from 'autocannon';

export const CONNECTIONS = 64;

/**
 * @param {{ port: number, path?: string, bodies?: string[], seconds: number, connections?: number, type?: string, accepted?: string, requestsOf?: (connection: number) => object[] }} load
 *   `type`: content type of the bodies; `accepted`: how an answer begins that is no refusal; `requestsOf`: autocannon's
 *   requests of each connection, instead of `path` and `bodies`, which are those of all
 * @returns {Promise<{ perSecond: number, p50: number, p99: number, answered: number, failed: number }>} latencies in ms
 */
export async function closedLoop({
  port,
  path,
  bodies = [''],
  seconds,
  connections = CONNECTIONS,
  type = 'application/json',
  accepted = '{"code":0,',
  requestsOf,
}) {
  let connection = 0;
  const result = await autocannon({
    url: `http://127.0.0.1:${port}`,
    connections,
    duration: seconds,
    requests: bodies.map((body) => ({ method: 'POST', path, body, headers: { 'content-type': type } })),
    ...(requestsOf && { setupClient: (client) => client.setRequests(requestsOf(connection++)) }),
    verifyBody: (body) => body.startsWith(accepted),
  });
  const failed = result.errors + result.timeouts + result.non2xx + result.mismatches;
  return {
    perSecond: result.requests.total / result.duration,
    p50: result.latency.p50,
    p99: result.latency.p99,
    answered: result.requests.total,
    failed,
  };
}
