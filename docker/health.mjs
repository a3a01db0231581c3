// HEALTHCHECK of the image: is the process alive? (`ready` is for load balancers: a database that is away is no reason to restart.)
const port = process.env.HEALTH_PORT || '3100';
if (port === '0') process.exit(0); // switched off: there is nobody to ask
try {
  const answer = await fetch(`http://127.0.0.1:${port}/health/live`, { signal: AbortSignal.timeout(2_000) });
  process.exit(answer.ok ? 0 : 1);
} catch (error) {
  console.error(`no answer on port ${port}: ${error.cause?.code ?? error.name}`);
  process.exit(1);
}
