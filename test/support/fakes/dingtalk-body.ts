const MAX_BYTES = 2048;

interface Problem {
  code: number;
  words: string;
}

const FIELDS: Readonly<Record<string, readonly string[]>> = {
  text: ['content'],
  markdown: ['title', 'text'],
  action_card: ['title', 'markdown', 'single_title', 'single_url'],
  link: ['title', 'text', 'messageUrl', 'picUrl'],
};

/** What DingTalk has against a work notice; null when it takes it. */
export function dingtalkBodyProblem(message: Record<string, unknown> | undefined): Problem | null {
  const type = String(message?.msgtype);
  const fields = Object.hasOwn(FIELDS, type) ? FIELDS[type] : undefined;
  const body = message?.[type] as Record<string, unknown> | undefined;
  if (!fields || !body) return { code: 40035, words: 'msg is missing or of an unknown type' };
  const missing = fields.find((field) => typeof body[field] !== 'string' || body[field] === '');
  if (missing !== undefined) return { code: 40035, words: `missing ${missing}` };
  return Buffer.byteLength(JSON.stringify(message)) > MAX_BYTES ? { code: 34016, words: 'message too long' } : null;
}
