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
  const command: AcceptMessage = {
    app,
    door: 'platform',
    to: { users: asked.receivers.map(({ userId }) => ({ id: userId })) },
    channels: way.channels,
    kind: isTodo ? 'todo' : 'notice',
    content: contentOf(asked),
    optOuts: 'leave_out',
    refuseSmsSignature: true,
    reply: asked.isReply === '1',
  };
  if (way.publicAccount !== undefined) command.publicAccount = way.publicAccount;
  if (isTodo) command.openTodo = { digest: digestOf(asked) };
  if (sendAt !== null) command.sendAt = sendAt;
  return command;
}

/** @throws PlatformError 500012, 500001 */
export function contentOf(asked: SendMessage): InlineContent {
  const { msgtitle, msgContent, summary, iconUrl, waitLink, pcUrl } = asked;
  const content: InlineContent = { title: msgtitle };
  if (summary !== undefined) content.summary = summary;
  if (iconUrl !== undefined) content.iconUrl = iconUrl;
  if (waitLink !== undefined) content.url = waitLink;
  if (pcUrl !== undefined) content.pcUrl = pcUrl;
  switch (asked.msgType) {
    case '0':
      if (hasTooManyTags(msgContent)) throw badParameter('msgContent', `的标签过多，最多 ${MAX_HTML_TAGS} 个`);
      if (isEmptyHtml(msgContent)) throw new PlatformError('contentRefused', '消息内容去除不允许的标签后为空，请修改');
      content.html = msgContent;
      return content;
    case '1':
      content.text = msgContent;
      return content;
    case '2':
      if (!isHttpUrl(msgContent))
        throw new PlatformError(
          'contentRefused',
          `外链消息的内容必须是有效的 http(s) 地址，最多 ${MAX_URL_LENGTH} 个字符`,
        );
      // As text too: an SMS knows no link beside its words.
      content.url ??= msgContent;
      content.text = summary === undefined ? msgContent : `${summary}\n${msgContent}`;
      return content;
  }
}

function isEmptyHtml(html: string): boolean {
  const safe = sanitizeMessageHtml(html);
  return !safe.includes('<img ') && htmlToText(safe) === '';
}

const digestOf = ({ msgtitle, msgContent, waitLink = '', pcUrl = '' }: SendMessage): string =>
  todoDigest([msgtitle, msgContent, waitLink, pcUrl]);
