// What the command line asks for.
import { parseArgs } from 'node:util';
import { giveUp } from '../../scripts/lib/project.mjs';

export const SUITES = [
  'accept',
  'platform-accept',
  'fan-out',
  'end-to-end',
  'smpp',
  'fairness',
  'bulkhead',
  'providers',
  'inbox',
  'relay',
  'im',
  'push',
  'im-live',
  'sensitive-words',
  'footprint',
];
/** Load of one measurement, s. Longer is steadier; shorter is for trying out. */
const DEFAULT_SECONDS = 5;

const USAGE = `npm run bench -- [${SUITES.join(' | ')}]… [--seconds N] [--rounds N] [--recipients N,N,…] [--rows N,N,…] [--docs]
  --seconds     load of one measurement (default ${DEFAULT_SECONDS})
  --rounds      repetitions, of which the median counts (default 3)
  --recipients  sizes of the fan-out (default 1000,100000,1000000)
  --rows        inbox rows in all (default 10000,100000,1000000,10000000; the last takes some 5 GB and minutes to fill)
  --docs        write the figures into docs/performance.md (a run of all suites with the defaults does so by itself)
  BENCH_DATABASE_URL   a PostgreSQL to use instead of the embedded one; a database is created there and dropped
  BENCH_RABBITMQ_URL   a broker (and virtual host) to use instead of a private one
  BENCH_REDIS_SERVER   the redis-server binary, where it is not in the PATH`;

/** @returns {{ suites: string[], seconds: number, rounds: number, recipients: number[], rows: number[], isForDocs: boolean }} */
export function readOptions(argv) {
  const { values, positionals } = parse(argv);
  if (values.help) {
    console.log(USAGE);
    process.exit(0);
  }
  const unknown = positionals.find((name) => !SUITES.includes(name));
  if (unknown) giveUp(`There is no benchmark "${unknown}".\n${USAGE}`);
  const isTuned = [values.seconds, values.rounds, values.recipients, values.rows].some((value) => value !== undefined);
  return {
    suites: positionals.length > 0 ? SUITES.filter((name) => positionals.includes(name)) : SUITES,
    seconds: positive('seconds', values.seconds ?? DEFAULT_SECONDS),
    rounds: positive('rounds', values.rounds ?? 3),
    recipients: positives('recipients', values.recipients ?? '1000,100000,1000000'),
    rows: positives('rows', values.rows ?? '10000,100000,1000000,10000000'),
    isForDocs: values.docs ?? (positionals.length === 0 && !isTuned),
  };
}

function parse(argv) {
  const text = { type: 'string' };
  try {
    return parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        seconds: text,
        rounds: text,
        recipients: text,
        rows: text,
        docs: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    return giveUp(`${error.message}\n${USAGE}`);
  }
}

const positives = (name, values) => values.split(',').map((value) => positive(name, value));

function positive(name, value) {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) giveUp(`--${name} takes whole numbers from 1\n${USAGE}`);
  return number;
}
