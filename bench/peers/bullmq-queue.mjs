export const QUEUE = 'bench';

export const connection = () => {
  const { hostname, port } = new URL(process.env.REDIS_URL);
  return { host: hostname, port: Number(port), maxRetriesPerRequest: null };
};
