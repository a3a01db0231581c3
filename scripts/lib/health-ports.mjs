/** Of the first app; the others follow as they do where each is started by itself. */
const DEFAULT_PORT = 3100;

/**
 * Ports of health and metrics of apps that run on one machine, by app: in a row, or none where none is wanted.
 * @param {readonly string[]} apps
 * @param {number | undefined} wanted HEALTH_PORT
 * @returns {Map<string, number>} 0: none
 */
export function healthPorts(apps, wanted) {
  return new Map(apps.map((name, index) => [name, wanted === 0 ? 0 : (wanted ?? DEFAULT_PORT) + index]));
}
