const MAX_BYTES = 2048;
const MAX_ARTICLES = 8;
const MAX_BUTTONS = 6;
const MAX_TITLE_BYTES = 128;
const MAX_DESCRIPTION_BYTES = 512;

export interface Problem {
  code: number;
  words: string;
}

const filled = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isUrl = (value: unknown): boolean =>
  filled(value) && /^https?:\/\//.test(value) && Buffer.byteLength(value) <= MAX_BYTES;

/**
 * What WeCom has against the body of a message; null when it takes it. Stricter in one thing: what WeCom would cut by itself is refused,
 * because a half-cut text is what nobody wants to have sent.
 */
export function wecomBodyProblem(message: Record<string, unknown>): Problem | null {
  const { msgtype } = message;
  const body = (typeof msgtype === 'string' ? message[msgtype] : undefined) as Record<string, unknown> | undefined;
  if (!body) return { code: 40008, words: 'invalid message type' };
  switch (msgtype) {
    case 'text':
    case 'markdown':
      return contentProblem(body.content);
    case 'textcard':
      return cardProblem(body) ?? (filled(body.description) ? null : missing('description'));
    case 'news':
      return newsProblem(body.articles);
    case 'template_card':
      return buttonCardProblem(body);
    default:
      return { code: 40008, words: 'invalid message type' };
  }
}

function contentProblem(content: unknown): Problem | null {
  if (!filled(content)) return { code: 44004, words: 'empty content' };
  return Buffer.byteLength(content) > MAX_BYTES ? { code: 45002, words: 'content size out of limit' } : null;
}

function newsProblem(articles: unknown): Problem | null {
  if (!Array.isArray(articles) || articles.length < 1) return missing('articles');
  if (articles.length > MAX_ARTICLES) return { code: 45008, words: 'article size out of limit' };
  return (articles as Record<string, unknown>[]).map(cardProblem).find((problem) => problem !== null) ?? null;
}

function cardProblem({ title, description, url, btntxt }: Record<string, unknown>): Problem | null {
  if (!filled(title)) return missing('title');
  if (!isUrl(url)) return missing('url');
  const isLong = Buffer.byteLength(title) > MAX_TITLE_BYTES || bytesOf(description) > MAX_DESCRIPTION_BYTES;
  if (isLong || Array.from(String(btntxt ?? '')).length > 4) return { code: 45002, words: 'size out of limit' };
  return null;
}

const OPENS_LINK = 1;

/** A card with buttons that open links: the only kind that we send. */
function buttonCardProblem(card: Record<string, unknown>): Problem | null {
  if (card.card_type !== 'button_interaction') return { code: 40058, words: 'invalid card_type' };
  const { title } = (card.main_title ?? {}) as Record<string, unknown>;
  if (!filled(title)) return missing('main_title.title');
  if (!filled(card.task_id)) return missing('task_id');
  if (!/^[0-9A-Za-z_@-]{1,128}$/.test(card.task_id)) return { code: 40058, words: 'invalid task_id' };
  const action = card.card_action as Record<string, unknown> | undefined;
  if (action && (action.type !== OPENS_LINK || !isUrl(action.url))) return missing('card_action.url');
  const buttons = card.button_list;
  if (!Array.isArray(buttons) || buttons.length < 1 || buttons.length > MAX_BUTTONS) return missing('button_list');
  const bad = (buttons as Record<string, unknown>[]).some(
    ({ type, text, url, style }) =>
      type !== OPENS_LINK || !filled(text) || !isUrl(url) || ![undefined, 1, 2, 3, 4].includes(style as number),
  );
  if (bad) return missing('button_list');
  return cardTextProblem(card, title, buttons as { text: string }[]);
}

/** WeCom advises these lengths and shows no more. */
function cardTextProblem(card: Record<string, unknown>, title: string, buttons: { text: string }[]): Problem | null {
  const { desc = '' } = (card.source ?? {}) as { desc?: string };
  const isLong =
    Buffer.byteLength(title) > MAX_TITLE_BYTES ||
    bytesOf(card.sub_title_text) > MAX_DESCRIPTION_BYTES ||
    Array.from(desc).length > 20 ||
    buttons.some(({ text }) => Array.from(text).length > 10);
  return isLong ? { code: 45002, words: 'size out of limit' } : null;
}

const bytesOf = (value: unknown): number => Buffer.byteLength(filled(value) ? value : '');
const missing = (field: string): Problem => ({ code: 40058, words: `invalid Request Parameter, missing ${field}` });
