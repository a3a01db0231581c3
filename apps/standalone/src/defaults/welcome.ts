export interface Welcome {
  /** Where the gateway answers, without a slash at the end. */
  baseUrl: string;
  /** A file, or a variable of the shell with its `$`. */
  adminTokenPlace: string;
  /** Port of the listener for clients of instant messages; 0: there is none. */
  imPort?: number;
  /** Where health and metrics are, without a slash at the end, if anywhere. */
  healthUrl?: string;
  /** Of the embedded MQTT broker, where there is one. */
  mqttUrl?: string;
}

/** What a person needs next, as lines: where it listens, where the token is, a first call that works as it stands. */
export function welcomeLines({ baseUrl, adminTokenPlace, imPort = 0, healthUrl, mqttUrl }: Welcome): string[] {
  const token = adminTokenPlace.startsWith('$') ? adminTokenPlace : `$(cat ${quoted(adminTokenPlace)})`;
  return [
    `Message Center listens on ${baseUrl} (API documentation: ${baseUrl}/docs)`,
    ...(imPort === 0 ? [] : [`Chat apps connect to ws://${new URL(baseUrl).hostname}:${imPort}`]),
    ...(mqttUrl === undefined ? [] : [`Devices connect by MQTT to ${mqttUrl} (npm run demo:device shows how)`]),
    ...(healthUrl === undefined ? [] : [`Metrics: ${healthUrl}/metrics`]),
    `Administrator's token: ${adminTokenPlace}`,
    'A first call, it registers a calling system and answers its credentials:',
    `  curl -s ${baseUrl}/v1/client-apps -H "Authorization: Bearer ${token}" \\`,
    `    -H 'Content-Type: application/json' -d '{"name":"first app","channels":["portal","sms","mail"]}'`,
  ];
}

/** A path inside $(…) may hold spaces. */
const quoted = (path: string): string => (/^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`);
