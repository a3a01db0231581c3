export function healthPorts(apps: readonly string[], wanted: number | undefined): Map<string, number>;
