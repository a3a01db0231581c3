import { CONTENT_FORMATS, isChannel, type Channel, type ContentFormat } from '#contracts';
import {
  httpUrlProblem,
  parseTemplate,
  requiredParams,
  templateContentFor,
  type ChannelContent,
  type TemplateContent,
} from '#content';
import type { FieldProblem } from '../http/native-errors.js';

const TEXT_FIELDS: ReadonlySet<string> = new Set<keyof ChannelContent>([
  'title',
  'subject',
  'text',
  'html',
  'summary',
  'url',
  'iconUrl',
  'buttonText',
  'publicId',
  'templateId',
]);
const LINK_FIELDS: ReadonlySet<string> = new Set<keyof ChannelContent>(['url', 'iconUrl']);
/** A value that may stand anywhere in a URL, the port too. */
const SOME_VALUE = '1';
const SOME_SITE = 'https://a';
/** Channels that know more than one shape of a message. */
const CHAT_CHANNELS: ReadonlySet<Channel> = new Set<Channel>(['wecom', 'dingtalk']);
const MAX_TEXT = 65_536;
const MAX_DATA_FIELDS = 50;

/** Everything that is wrong with a template's content, before it is stored. */
export function templateProblems(content: Record<string, unknown>, params: readonly string[]): FieldProblem[] {
  const shape = Object.entries(content).flatMap(([channel, value]) => channelProblems(channel, value));
  if (shape.length > 0) return shape;
  // The shape was just checked field by field.
  const template = content as TemplateContent;
  const channels = Object.keys(content).filter(isChannel);
  if (!channels.some((channel) => templateContentFor(channel, template))) {
    return [{ field: 'content', detail: 'content needs a text for at least one channel' }];
  }
  const declared = new Set(params);
  return channels.flatMap((channel) =>
    requiredParams(channel, template)
      .filter((name) => !declared.has(name))
      .map((name) => ({ field: `content.${channel}`, detail: `the placeholder "${name}" is not declared in params` })),
  );
}

function channelProblems(channel: string, value: unknown): FieldProblem[] {
  const field = `content.${channel}`;
  if (!isChannel(channel)) return [{ field, detail: `${channel} is no channel` }];
  if (!isRecord(value)) return [{ field, detail: `${field} must be an object` }];
  return Object.entries(value).flatMap(([name, inner]) => {
    const detail = fieldProblem(channel, name, inner);
    return detail === null ? [] : [{ field: `${field}.${name}`, detail }];
  });
}

function fieldProblem(channel: Channel, name: string, value: unknown): string | null {
  if ((name === 'format' || name === 'buttonText') && !CHAT_CHANNELS.has(channel))
    return `${name} is for ${[...CHAT_CHANNELS].join(' and ')}`;
  if (name === 'data') return dataProblem(value);
  if (name !== 'format') return textProblem(name, value);
  return CONTENT_FORMATS.includes(value as ContentFormat)
    ? null
    : `format must be one of: ${CONTENT_FORMATS.join(', ')}`;
}

function textProblem(name: string, value: unknown): string | null {
  if (!TEXT_FIELDS.has(name)) return `${name} is not a field of a template`;
  if (typeof value !== 'string') return `${name} must be a string`;
  if (value.length > MAX_TEXT) return `${name} is longer than ${MAX_TEXT} characters`;
  return LINK_FIELDS.has(name) ? linkProblem(name, value) : null;
}

/**
 * What is written of a link is judged with something harmless in the place of each placeholder; what one at the beginning
 * makes of it is judged when it is rendered. An empty link is none.
 */
function linkProblem(name: string, text: string): string | null {
  if (text === '') return null;
  const { literals, names } = parseTemplate(text);
  const [start = '', ...rest] = literals;
  const isOpen = start === '' && names.length > 0;
  const problem = httpUrlProblem(isOpen ? `${SOME_SITE}${rest.join(SOME_VALUE)}` : literals.join(SOME_VALUE));
  return problem === null ? null : `${name} is no link: ${problem}`;
}

function dataProblem(value: unknown): string | null {
  if (!isRecord(value)) return 'data must be an object';
  const entries = Object.values(value);
  if (entries.length > MAX_DATA_FIELDS) return `data has more than ${MAX_DATA_FIELDS} fields`;
  return entries.every(isDataValue) ? null : 'each field of data must be a string or {value, color?}';
}

function isDataValue(value: unknown): boolean {
  if (typeof value === 'string') return value.length <= MAX_TEXT;
  if (!isRecord(value)) return false;
  const { value: text, color, ...rest } = value;
  return isText(text) && (color === undefined || isText(color)) && Object.keys(rest).length === 0;
}

const isText = (value: unknown): boolean => typeof value === 'string' && value.length <= MAX_TEXT;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
