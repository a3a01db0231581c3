import { Injectable } from '@nestjs/common';
import type { DirectContentV1, DirectOutcome } from '#contracts';
import { htmlToText } from '#content';
import { RecipientRepository } from '#entities';
import { cutCharacters } from '#providers';
import { ChannelCatalog } from '../../../catalog/channel-catalog.service.js';
import { SensitiveWords } from '../../../catalog/sensitive-words.service.js';
import type { CallingApp } from '../../../intake/accept-message.command.js';
import { SendDirectService } from '../../../real-time/send-direct.service.js';
import { PlatformError } from '../platform.error.js';
import { saidBy } from '../provider-failure.js';
import { DEFAULT_BUTTON, type CardMessage } from './card-message.parameters.js';
import { cutToBytes } from './cut-to-bytes.js';

/** WeCom's limits of a text card. */
const TITLE_BYTES = 128;
const DESCRIPTION_BYTES = 512;
const BUTTON_CHARACTERS = 4;

/** Text cards of WeCom, handed on while the caller waits. */
@Injectable()
export class SendCardService {
  constructor(
    private readonly channels: ChannelCatalog,
    private readonly sensitiveWords: SensitiveWords,
    private readonly recipients: RecipientRepository,
    private readonly direct: SendDirectService,
  ) {}

  /** Resolves where WeCom took it for somebody. @throws PlatformError 500010, 500014, 500013, 999999 with WeCom's words */
  async send(app: CallingApp, asked: CardMessage): Promise<void> {
    if (!app.channels.has('wecom')) throw new PlatformError('channelClosed');
    if (!(await this.channels.current()).isOn('wecom')) throw new PlatformError('channelOff');
    const content = contentOf(asked);
    if (await this.sensitiveWords.isIn(() => wordsOf(content))) throw new PlatformError('sensitiveWord');
    const addresses = await this.addressesOf(app, asked.userList);
    const outcomes = await this.direct.send('wecom', addresses, content);
    if (!outcomes.some((outcome) => outcome.class === 'ok')) throw refusedByAll(outcomes);
  }

  /** People of the directory by their address at WeCom; who is not there is a member by that very id. */
  private async addressesOf({ appId }: CallingApp, userList: readonly string[]): Promise<string[]> {
    const known = await this.recipients.addressesOf(appId, 'wecom', userList);
    const addresses = userList.map((id) => known.get(id) ?? id);
    // WeCom tells members by their ids without case.
    return [...new Map(addresses.map((address) => [address.toLowerCase(), address])).values()];
  }
}

const contentOf = (asked: CardMessage): Required<DirectContentV1> => ({
  title: cutToBytes(asked.title, TITLE_BYTES),
  text: cutToBytes(asked.description, DESCRIPTION_BYTES),
  url: asked.url,
  buttonText: cutCharacters(asked.btnTxt, BUTTON_CHARACTERS) || DEFAULT_BUTTON,
});

/** Of what is left after the cut: as written, and as it reads without its marks. */
const wordsOf = ({ title, text, url, buttonText }: Required<DirectContentV1>): string[] => [
  title,
  text,
  htmlToText(text),
  buttonText,
  url,
];

function refusedByAll(outcomes: readonly DirectOutcome[]): PlatformError {
  if (outcomes.some((outcome) => outcome.class === 'unknown_outcome'))
    return new PlatformError('other', '企业微信未在规定时间内答复，结果未知');
  const [first] = outcomes;
  return new PlatformError('other', `企业微信未接受该消息：${saidBy(first?.code, first?.words)}`);
}
