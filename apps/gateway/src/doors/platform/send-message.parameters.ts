import { channelWords, CHANNEL_WORDS } from './platform-channels.service.js';
import { userReceivers } from './platform-receivers.js';
import { choice, json, link, optional, text, withDefault, type Parameter, type Read } from './platform.parameters.js';

/** Longest content, in characters; the published interface names no limit. */
const MAX_CONTENT = 500_000;

const RECEIVERS_EXAMPLE =
  '[{"type":"User","userId":"12345","name":"接受人1"},{"type":"User","userId":"12346","name":"接受人2"}]';

const plainChannels = text({
  about: `发送渠道：${CHANNEL_WORDS.join('、')}，多个用英文逗号隔开`,
  example: 'Portal,SMS',
});
const channels: Parameter<ReturnType<typeof channelWords>> = {
  ...plainChannels,
  read: (name, value) => channelWords(name, plainChannels.read(name, value)),
};

export const SEND_MESSAGE = {
  msgtitle: text({ about: '消息标题', example: '会议通知', max: 100 }),
  msgType: choice({ about: '0：图文，1：文字，2：外链', example: '1', words: ['0', '1', '2'] }),
  msgContent: text({
    about: '消息内容；外链必须是 http(s) 地址；短信禁止【】，请用〖〗',
    example: '今天下午三点在一号会议室开会。',
    max: MAX_CONTENT,
  }),
  sendStatus: choice({ about: '1：实时发送，2：定时消息', example: '1', words: ['1', '2'] }),
  sendChannel: channels,
  sendMode: choice({ about: '普通模式', example: 'normal', words: ['normal'] }),
  receivers: json({ about: '接收人，JSON 数组字符串', example: RECEIVERS_EXAMPLE, check: userReceivers }),
  sendMsgType: withDefault(choice({ about: '1：通知，4：待办', example: '1', words: ['1', '4'] }), '1'),
  summary: optional(text({ about: '消息摘要', example: '下午三点，一号会议室', max: 255 })),
  iconUrl: optional(link({ about: '封面图片', example: 'https://example.com/cover.png', max: 100 })),
  sendTime: optional(
    text({ about: '定时消息必填，yyyy-MM-dd HH:mm:ss，必须晚于当前时间 10 分钟以上', example: '2026-12-01 15:00:00' }),
  ),
  isReply: withDefault(choice({ about: '0：不可回复，1：可回复', example: '0', words: ['0', '1'] }), '0'),
  waitLink: optional(link({ about: '跳转地址，待办必填', example: 'https://oa.example.com/todo/1', max: 1024 })),
  pcUrl: optional(link({ about: 'PC端跳转地址', example: 'https://oa.example.com/pc/todo/1', max: 1024 })),
};

export type SendMessage = Read<typeof SEND_MESSAGE>;
