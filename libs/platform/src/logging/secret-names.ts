/** Names, in lower case without `_` and `-`, whose values are never logged: credentials, signatures, addresses and contents. */
export const SECRET_NAMES: readonly string[] = [
  ...[
    'key',
    'apikey',
    'xapikey',
    'appkey',
    'masterkey',
    'privatekey',
    'md5id',
    'sig',
    'sign',
    'signature',
    'webhooksignature',
  ],
  ...[
    'pass',
    'pwd',
    'passwd',
    'auth',
    'authorization',
    'proxyauthorization',
    'cookie',
    'setcookie',
    'credentials',
    'ticket',
  ],
  ...['address', 'addresses', 'phone', 'mobile', 'email', 'openid', 'body', 'rawbody', 'payload', 'html', 'parameters'],
];
/** Names that end so are secret too, e.g. `access_token`, `appPassword`, `clientSecrets`. */
export const SECRET_ENDINGS: readonly string[] = ['token', 'secret', 'password'];

const NAMES = new Set(SECRET_NAMES);
const ENDING = new RegExp(`(?:${SECRET_ENDINGS.join('|')})s?$`);

export function isSecretName(name: string): boolean {
  const folded = name.toLowerCase().replace(/[_-]/g, '');
  return NAMES.has(folded) || ENDING.test(folded);
}
