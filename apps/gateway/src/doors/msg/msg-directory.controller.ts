import { Controller, HttpCode, Post, Req, UseFilters, UseGuards } from '@nestjs/common';
import { ApiBody, ApiOperation } from '@nestjs/swagger';
import { checkAddress, hasBadUnicode, isUserId } from '#content';
import { AuditRepository, Database, DeviceRepository, RecipientRepository, TagRepository } from '#entities';
import { HTTP_LIMITS } from '#platform';
import { ClientAppAccess } from '../../access/client-app-access.service.js';
import { BodyLimit } from '../../http/body-limit.decorator.js';
import { addressChannel } from './channel-words.js';
import { bodyOf } from './msg.body.js';
import { ApiMsgAnswer, ApiMsgToken } from './msg.docs.js';
import { RegisterBody, TagBody, TagMembersBody } from './msg.dto.js';
import { MSG_CODE, MsgError } from './msg.error.js';
import { MsgFilter } from './msg.filter.js';
import { MsgTokenGuard, type MsgRequest } from './msg.guard.js';
import { RegisteredAccount } from './registered-account.service.js';

const registerBody = bodyOf(RegisterBody);
const tagBody = bodyOf(TagBody);
const tagMembersBody = bodyOf(TagMembersBody);

interface Done {
  code: 0;
  message: '';
}
const DONE: Done = { code: 0, message: '' };
const DONE_EXAMPLE = { code: 0, message: '' };

@Controller('msg')
@UseGuards(MsgTokenGuard)
@UseFilters(MsgFilter)
export class MsgDirectoryController {
  constructor(
    private readonly database: Database,
    private readonly recipients: RecipientRepository,
    private readonly devices: DeviceRepository,
    private readonly tags: TagRepository,
    private readonly audit: AuditRepository,
    private readonly access: ClientAppAccess,
    private readonly account: RegisteredAccount,
  ) {}

  @Post('register')
  @HttpCode(200)
  @ApiOperation({
    summary: '注册消息渠道',
    description:
      'One address per user and channel, of WeChat per public account; the newest replaces. Of WeChat an openid, or a unionid, which is no address until the followers of the account are listed with it.',
  })
  @ApiMsgToken()
  @ApiBody({ type: RegisterBody })
  @ApiMsgAnswer(DONE_EXAMPLE, ['token', 'parameter', 'channelUnknown', 'rate', 'internal'])
  async register(@Req() request: MsgRequest): Promise<Done> {
    const body = registerBody(request.body);
    const channel = addressChannel(body.channel);
    requireUserIds([body.uid], 'uid');
    const check = checkAddress(channel, body.address);
    if (!check.ok) throw new MsgError(MSG_CODE.parameter, `参数 address 格式不正确（${check.problem}）`);
    const { appId, features } = request.callingApp;
    const account = await this.account.of(channel, appId, body.public_id);
    const whose = { userId: body.uid, channel, appId: features.has('directory-write') ? '' : appId };
    await this.database.transaction(async (tx) => {
      await this.recipients.ensure(tx, [body.uid]);
      if (channel === 'push') {
        const before = await this.recipients.address(tx, whose);
        const device = { ...whose, token: check.normalized, platform: body.platform ?? null };
        await this.devices.registerAddress(tx, device, before);
      }
      await this.recipients.setAddress(tx, { ...whose, account, address: check.normalized });
      const ip = this.access.ipOf(request);
      await this.audit.record(
        { actor: `app:${appId}`, action: 'address.register', target: body.uid, ip, details: { channel } },
        tx,
      );
    });
    return DONE;
  }

  @Post('tag/add')
  @HttpCode(200)
  @BodyLimit(HTTP_LIMITS.recipientBodyBytes)
  @ApiOperation({
    summary: '注册标签',
    description: 'Creates the tag and unknown users; adding again changes nothing. At most 10,000 uids.',
  })
  @ApiMsgToken()
  @ApiBody({ type: TagMembersBody })
  @ApiMsgAnswer(DONE_EXAMPLE, ['token', 'parameter', 'rate', 'internal'])
  async addToTag(@Req() request: MsgRequest): Promise<Done> {
    const { tag, uids } = tagMembersBody(request.body);
    requireCleanTag(tag);
    requireUserIds(uids, 'uids');
    await this.tags.add(request.callingApp.appId, tag, uids);
    return DONE;
  }

  @Post('tag/remove')
  @HttpCode(200)
  @ApiOperation({ summary: '删除标签' })
  @ApiMsgToken()
  @ApiBody({ type: TagBody })
  @ApiMsgAnswer(DONE_EXAMPLE, ['token', 'parameter', 'tag', 'rate', 'internal'])
  async removeTag(@Req() request: MsgRequest): Promise<Done> {
    const { tag } = tagBody(request.body);
    requireCleanTag(tag);
    if (!(await this.tags.remove(request.callingApp.appId, tag))) throw unknownTag();
    return DONE;
  }

  @Post('tag/user/remove')
  @HttpCode(200)
  @BodyLimit(HTTP_LIMITS.recipientBodyBytes)
  @ApiOperation({ summary: '移除标签中的用户', description: 'Users who are not in the tag are ignored.' })
  @ApiMsgToken()
  @ApiBody({ type: TagMembersBody })
  @ApiMsgAnswer(DONE_EXAMPLE, ['token', 'parameter', 'tag', 'rate', 'internal'])
  async removeFromTag(@Req() request: MsgRequest): Promise<Done> {
    const { tag, uids } = tagMembersBody(request.body);
    requireCleanTag(tag);
    requireUserIds(uids, 'uids');
    const id = await this.tags.find(request.callingApp.appId, tag);
    if (id === null) throw unknownTag();
    await this.tags.removeMembers(id, uids);
    return DONE;
  }
}

const unknownTag = (): MsgError => new MsgError(MSG_CODE.tag, '标签不存在，请先注册标签（tag）');

function requireUserIds(uids: readonly string[], field: string): void {
  if (!uids.every(isUserId)) throw new MsgError(MSG_CODE.parameter, `参数 ${field} 含有无效的用户 id`);
}

function requireCleanTag(tag: string): void {
  if (hasBadUnicode(tag)) throw new MsgError(MSG_CODE.parameter, '参数 tag 含有无效字符');
}
