import type { Problem } from './wecom-body.js';

interface Card {
  users: readonly string[];
  untilMs: number;
  isSpent: boolean;
}

/** A card that shows something else now. */
export interface ChangedCard {
  userId: string;
  button: string;
}

const LASTS_MS = 24 * 3600_000;
const INVALID: Problem = { code: 40058, words: 'invalid Request Parameter, response_code' };

/** Cards with buttons as WeCom keeps them: an id an app uses once, and a code that changes the card once, within a day. */
export class WecomFakeCards {
  readonly changed: ChangedCard[] = [];
  private readonly taskIds = new Set<string>();
  private readonly cards = new Map<string, Card>();

  /** What speaks against sending it. */
  problemOf(message: Record<string, unknown>): Problem | null {
    const id = taskIdOf(message);
    return id !== null && this.taskIds.has(id) ? { code: 40058, words: 'task_id is in use' } : null;
  }

  /** What the answer to sending it says of it. */
  keep(message: Record<string, unknown>, users: readonly string[], nowMs: number): { response_code?: string } {
    const id = taskIdOf(message);
    if (id === null) return {};
    this.taskIds.add(id);
    const code = `response-code-${this.taskIds.size}`;
    this.cards.set(code, { users, untilMs: nowMs + LASTS_MS, isSpent: false });
    return { response_code: code };
  }

  update({ userids, response_code: code, button }: Record<string, unknown>, nowMs: number): Problem | null {
    const card = this.cards.get(String(code));
    if (!card || card.isSpent || card.untilMs <= nowMs) return INVALID;
    const { replace_name: name } = (button ?? {}) as { replace_name?: unknown };
    if (typeof name !== 'string' || name === '') return { code: 40058, words: 'missing button.replace_name' };
    if (!Array.isArray(userids) || userids.length === 0 || userids.length > 1000)
      return { code: 40058, words: 'invalid userids' };
    card.isSpent = true;
    const wanted = new Set(userids.map((user) => String(user).toLowerCase()));
    for (const userId of card.users) if (wanted.has(userId)) this.changed.push({ userId, button: name });
    return null;
  }
}

function taskIdOf({ template_card: card }: Record<string, unknown>): string | null {
  const { task_id: id } = (card ?? {}) as { task_id?: unknown };
  return typeof id === 'string' ? id : null;
}
