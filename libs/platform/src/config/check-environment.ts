import { CONFIGS } from './configs.js';
import { HttpConfig } from './http.config.js';
import { ImConfig, openImDoorProblem } from './im.config.js';
import { ConfigError } from './config-error.js';
import { checkConfigs, loadConfig } from './load-config.js';
import type { Env } from './read-setting.js';

/**
 * What every process asks of its environment before it does anything.
 * @throws ConfigError listing every problem of every topic, or else what is wrong between two of them
 */
export function checkEnvironment(env: Env = process.env): void {
  checkConfigs(CONFIGS, env);
  const problem = openImDoorProblem(loadConfig(ImConfig, env), loadConfig(HttpConfig, env));
  if (problem) throw new ConfigError([problem]);
}
