import { ConfigError, type ConfigProblem } from './config-error.js';
import { CONFIGS } from './configs.js';
import { HttpConfig } from './http.config.js';
import { ImConfig, openImDoorProblem } from './im.config.js';
import { configProblems, loadConfig, type ConfigClass } from './load-config.js';
import { PortalConfig, signInWithoutAddressProblem } from './portal.config.js';
import { RabbitConfig, noBrokerProblem } from './rabbit.config.js';
import type { Env } from './read-setting.js';

/**
 * What every process asks of its environment before it does anything.
 * @throws ConfigError listing every problem of every topic, and what is wrong between two of them
 */
export function checkEnvironment(env: Env = process.env): void {
  refuse(problemsIn(env));
}

/**
 * The same for an app that is one process of several: it reaches the others through the broker only, and without one it would
 * look ready and do nothing.
 * @throws ConfigError
 */
export function checkDistributedEnvironment(env: Env = process.env): void {
  refuse([...problemsIn(env), ...between([RabbitConfig], env, () => noBrokerProblem(loadConfig(RabbitConfig, env)))]);
}

const problemsIn = (env: Env): ConfigProblem[] => [
  ...configProblems(CONFIGS, env),
  ...between([ImConfig, HttpConfig], env, () =>
    openImDoorProblem(loadConfig(ImConfig, env), loadConfig(HttpConfig, env)),
  ),
  ...between([PortalConfig, HttpConfig], env, () =>
    signInWithoutAddressProblem(loadConfig(PortalConfig, env), loadConfig(HttpConfig, env)),
  ),
];

/** A rule about topics of which one cannot be read has nothing to add. */
function between(topics: readonly ConfigClass[], env: Env, find: () => ConfigProblem | null): ConfigProblem[] {
  const problem = configProblems(topics, env).length === 0 ? find() : null;
  return problem ? [problem] : [];
}

function refuse(problems: readonly ConfigProblem[]): void {
  if (problems.length > 0) throw new ConfigError(problems);
}
