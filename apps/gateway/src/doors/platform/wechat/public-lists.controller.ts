import { Req } from '@nestjs/common';
import { PublicAccountRepository, type PublicAccountTemplate } from '#entities';
import { ClientAppAccess } from '../../../access/client-app-access.service.js';
import { ChannelCatalog } from '../../../catalog/channel-catalog.service.js';
import { PlatformCall, PlatformController } from '../platform-call.decorator.js';
import { answerWithDebug, type PlatformAnswer } from '../platform.envelope.js';
import type { PlatformRequest } from '../platform.guard.js';
import { readParameters, text } from '../platform.parameters.js';
import { ASKED_APPS, checkAskedApps } from './asked-apps.js';
import { UsableAccount } from './usable-account.service.js';
import { WechatTemplates } from './wechat-templates.service.js';

interface PublicAccount {
  /** The calling app. */
  appId: string;
  publicName: string;
  publicId: string;
  remark: string;
  /** 1 it can be sent through now, 2 it cannot. */
  status: '1' | '2';
}

/** As WeChat lists it. */
interface Template {
  template_id: string;
  title: string;
  primary_industry: string;
  deputy_industry: string;
  content: string;
  example: string;
}

const PUBLIC_LIST = { appId: ASKED_APPS };
const TEMPLATE_LIST = {
  publicId: text({
    about: '公众平台的ID',
    example: 'c3cbcaaa-88f4-466c-b7ce-dd7e07f20b75',
    missing: 'accountMissing',
  }),
  appId: ASKED_APPS,
};

const ACCOUNT: PublicAccount = {
  appId: 'MSG123456',
  publicName: '平台名称',
  publicId: 'c3cbcaaa-88f4-466c-b7ce-dd7e07f20b75',
  remark: '备注',
  status: '1',
};
const TEMPLATE: Template = {
  template_id: 'hLvE9RSVGrNHCBFHkbAgTjaaFLH8sS66Z7Wu8K3EyS4',
  title: '待办审批提醒',
  primary_industry: 'IT科技',
  deputy_industry: 'IT软件与服务',
  content: '业务系统：{{keyword1.DATA}}\n当前环节：{{keyword2.DATA}}',
  example: '业务系统：EHR\r\n当前环节：待审批',
};

/** Which public accounts and templates an app can send template messages with. */
@PlatformController()
export class PublicListsController {
  constructor(
    private readonly accounts: PublicAccountRepository,
    private readonly channels: ChannelCatalog,
    private readonly usable: UsableAccount,
    private readonly templates: WechatTemplates,
    private readonly access: ClientAppAccess,
  ) {}

  @PlatformCall({
    path: 'message/getPublicList',
    summary: '获取微信服务号绑定模板列表',
    description: 'The public accounts that the app may send through.',
    parameters: PUBLIC_LIST,
    carries: 'query',
    example: answerWithDebug([ACCOUNT]),
    codes: ['appUnknown', 'appsUnknown'],
    hasDebug: true,
  })
  async listAccounts(@Req() { callingApp, given }: PlatformRequest): Promise<PlatformAnswer<PublicAccount[]>> {
    checkAskedApps(callingApp, readParameters(PUBLIC_LIST, given).appId);
    const [accounts, channels] = await Promise.all([this.accounts.listFor(callingApp.appId), this.channels.current()]);
    const isOpen = callingApp.channels.has('wechat') && channels.isOn('wechat');
    return answerWithDebug(
      accounts.map(({ publicId, name, remark, enabled, isHealthy }) => ({
        appId: callingApp.appId,
        publicName: name,
        publicId,
        remark,
        status: isOpen && enabled && isHealthy ? '1' : '2',
      })),
    );
  }

  @PlatformCall({
    path: 'message/getTemplateList',
    summary: '获取微信服务号模板信息',
    description: 'The center’s copy of the templates; one that is older than 10 minutes is renewed from WeChat first.',
    parameters: TEMPLATE_LIST,
    carries: 'query',
    example: answerWithDebug([TEMPLATE]),
    codes: [
      'accountMissing',
      'appUnknown',
      'appsUnknown',
      'accountUnknown',
      'accountUnbound',
      'accountOff',
      'wechatFailed',
      'wechatToken',
    ],
    hasDebug: true,
  })
  async listTemplates(@Req() request: PlatformRequest): Promise<PlatformAnswer<Template[]>> {
    const { callingApp, given } = request;
    const { publicId, appId } = readParameters(TEMPLATE_LIST, given);
    checkAskedApps(callingApp, appId);
    const account = await this.usable.get(callingApp, publicId);
    const by = { actor: `app:${callingApp.appId}`, ip: this.access.ipOf(request) };
    return answerWithDebug((await this.templates.list(account, by)).map(templateView));
  }
}

const templateView = (template: PublicAccountTemplate): Template => ({
  template_id: template.templateId,
  title: template.title,
  primary_industry: template.primaryIndustry,
  deputy_industry: template.deputyIndustry,
  content: template.content,
  example: template.example,
});
