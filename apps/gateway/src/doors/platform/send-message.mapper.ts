import type { InlineContent } from '#contracts';
import { MAX_HTML_TAGS, MAX_URL_LENGTH, hasTooManyTags, htmlToText, isHttpUrl, sanitizeMessageHtml } from '#content';
import type { AcceptMessage, CallingApp } from '../../intake/accept-message.command.js';
import type { Way } from './platform-channels.service.js';
import { PlatformError, badParameter } from './platform.error.js';
import type { SendMessage } from './send-message.parameters.js';
import { todoDigest } from './todo-digest.js';

/** This door's words → the core command. @param sendAt ISO 8601; null: now */
export function toCommand(app: CallingApp, asked: SendMessage, way: Way, sendAt: string | null): AcceptMessage {
  const isTodo = asked.sendMsgType === '4';
  return {
    app,
    door: 'platform',
    kind: isTodo ? 'todo' : 'notice',
    to: { users: asked.receivers.map(({ userId }) => ({ id: userId })) },
    ...way,
    content: contentOf(asked),
    optOuts: 'leave_out',
    refuseSmsSignature: true,
    reply: asked.isReply === '1',
    ...(isTodo ? { openTodo: { digest: digestOf(asked) } } : {}),
    ...(sendAt === null ? {} : { sendAt }),
  };
}

/** @throws PlatformError 500012, 500001 */
export function contentOf(asked: SendMessage): InlineContent {
  const { msgtitle: title, msgContent, summary, iconUrl, waitLink, pcUrl } = asked;
  const common = {
    title,
    ...(summary === undefined ? {} : { summary }),
    ...(iconUrl === undefined ? {} : { iconUrl }),
    ...(waitLink === undefined ? {} : { url: waitLink }),
    ...(pcUrl === undefined ? {} : { pcUrl }),
  };
  switch (asked.msgType) {
    case '0':
      if (hasTooManyTags(msgContent)) throw badParameter('msgContent', `的标签过多，最多 ${MAX_HTML_TAGS} 个`);
      if (isEmptyHtml(msgContent)) throw new PlatformError('contentRefused', '消息内容去除不允许的标签后为空，请修改');
      return { ...common, html: msgContent };
    case '1':
      return { ...common, text: msgContent };
    case '2':
      if (!isHttpUrl(msgContent))
        throw new PlatformError(
          'contentRefused',
          `外链消息的内容必须是有效的 http(s) 地址，最多 ${MAX_URL_LENGTH} 个字符`,
        );
      // As text too: an SMS knows no link beside its words.
      return { url: msgContent, ...common, text: summary === undefined ? msgContent : `${summary}\n${msgContent}` };
  }
}

function isEmptyHtml(html: string): boolean {
  const safe = sanitizeMessageHtml(html);
  return !safe.includes('<img ') && htmlToText(safe) === '';
}

const digestOf = ({ msgtitle, msgContent, waitLink = '', pcUrl = '' }: SendMessage): string =>
  todoDigest([msgtitle, msgContent, waitLink, pcUrl]);
