import { XMLParser } from 'fast-xml-parser';

/** Events are a few hundred bytes, in compatible mode three times that; people's messages at most some kilobytes. */
const MAX_BYTES = 64 * 1024;
const CDATA = '<![CDATA[';

const parser = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  processEntities: false,
  trimValues: true,
});

/**
 * The texts directly below `<xml>`, by name. Null for what WeChat does not send: document types, entities, comments, NUL, anything
 * too long or without that root.
 */
export function readWechatXml(body: Buffer | string): ReadonlyMap<string, string> | null {
  if (body.length > MAX_BYTES) return null;
  const text = body.toString('utf8');
  if (text.includes('\0') || hasDeclaration(text)) return null;
  try {
    const parsed: unknown = parser.parse(text);
    const root = isRecord(parsed) && Object.hasOwn(parsed, 'xml') ? parsed['xml'] : null;
    if (!isRecord(root)) return null;
    return new Map(Object.entries(root).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  } catch {
    return null;
  }
}

/** Whether there is a `<!` that is no CDATA section; one that is not closed counts. */
function hasDeclaration(text: string): boolean {
  for (let at = text.indexOf('<!'); at !== -1; at = text.indexOf('<!', at)) {
    if (!text.startsWith(CDATA, at)) return true;
    at = text.indexOf(']]>', at);
    if (at === -1) return true;
  }
  return false;
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
