import { cutBytes } from '../outbound/cut-bytes.js';
import { cutCharacters } from '../outbound/cut-characters.js';
import type { OutboundDelivery, Outcome, SentCard } from '../port/channel-provider.port.js';
import type { WecomMessage } from './wecom.message.js';

/** Characters; the texts above the button have the limits of a text card, of which WeCom shows about as much. */
const MAX_BUTTON = 10;
const MAX_SOURCE = 20;
/** Bytes of UTF-8. */
const MAX_TITLE = 128;
const MAX_TEXT = 512;

const BUTTON = '去处理';
const DONE = '已办理';
const OPENS_LINK = 1;

/** A card can be changed for so long. */
const CARD_LASTS_S = 24 * 3600;

/** A code of WeCom, -1 (busy) and those of HTTP apart. */
const ERRCODE = /^\d+$/;

/**
 * The card of a to-do, with a button that opens its link; null where there is none to open, or another shape is asked for. It is one
 * person's: the code by which a card is changed later changes it for everybody it was sent to.
 */
export function wecomTodoCard({ ref, attempt, source, content, isTodo }: OutboundDelivery): WecomMessage | null {
  const { title, text, summary, url, format, buttonText } = content;
  const heading = title || summary || text;
  if (!isTodo || !url || !heading || (format !== undefined && format !== 'card')) return null;
  const below = [summary, text].find((words) => words && words !== heading);
  const action = { type: OPENS_LINK, url };
  return {
    msgtype: 'template_card',
    template_card: {
      card_type: 'button_interaction',
      ...(source ? { source: { desc: cutCharacters(source, MAX_SOURCE) } } : {}),
      main_title: { title: cutBytes(heading, MAX_TITLE) },
      ...(below ? { sub_title_text: cutBytes(below, MAX_TEXT) } : {}),
      card_action: action,
      // An app may use an id once, and a try that WeCom did not answer may have used it.
      task_id: `${ref}-${attempt}`,
      button_list: [{ ...action, text: cutCharacters(buttonText ?? '', MAX_BUTTON) || BUTTON, style: 1 }],
    },
  };
}

/**
 * WeCom took nothing, and it may be for the sake of the card: it needs an app that receives events, and what an old client shows of it
 * is not published. Then the message goes out as any other.
 */
export const refusesCard = ({ class: name, code = '' }: Outcome): boolean =>
  name === 'bad_content' || (name === 'retry' && ERRCODE.test(code));

/** What of the answer to a card is kept to change it. */
export const cardOf = ({ response_code: code }: Record<string, unknown>): Pick<Outcome, 'card'> =>
  typeof code === 'string' && code !== '' ? { card: { code, lastsS: CARD_LASTS_S } } : {};

/** Body that shows a card as done. */
export const doneCard = ({ address, code }: SentCard): Record<string, unknown> => ({
  userids: [address],
  response_code: code,
  button: { replace_name: DONE },
});
