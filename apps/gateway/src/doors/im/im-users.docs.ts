import { ApiImCall, ID, IDS, TEXT, UNREADABLE, type SchemaObject } from './im.docs.js';

const UID_LIST: SchemaObject = { type: 'array', items: ID };
const OK = '{"status":200}';
const UNREADABLE_BODY = { '数据格式有误！': UNREADABLE };

const DEVICE_FLAG: SchemaObject = { type: 'integer', description: '0 app, 1 web, 2 pc.' };

export const ApiImUserToken = (): MethodDecorator =>
  ApiImCall({
    summary: '设置用户连接令牌',
    description:
      'What a device shows when it connects, where `IM_AUTH` is `token`. The token of a master (`device_level` 1) ends the connections that this kind of device has; a banned uid is answered `{"status":19}`.',
    body: {
      properties: {
        uid: ID,
        token: TEXT,
        device_flag: DEVICE_FLAG,
        device_level: { type: 'integer', enum: [0, 1], description: '0 slave, 1 master.' },
      },
      example: { uid: 'u1', token: 'b7d0c6f4e1a94a0f', device_flag: 1, device_level: 1 },
    },
    answer: OK,
    refusals: { 'uid不能为空！': 'no uid', 'token不能为空！': 'no token', ...UNREADABLE_BODY },
  });

export const ApiImDeviceQuit = (): MethodDecorator =>
  ApiImCall({
    summary: '退出设备登录',
    description: 'Takes the token of a kind of device away and ends its connections; `device_flag` -1: of all kinds.',
    body: { properties: { uid: ID, device_flag: DEVICE_FLAG }, example: { uid: 'u1', device_flag: -1 } },
    answer: OK,
    refusals: { 'uid不能为空！': 'no uid', ...UNREADABLE_BODY },
  });

export const ApiImOnlineStatus = (): MethodDecorator =>
  ApiImCall({
    summary: '查询用户在线状态',
    description: 'Only devices that are connected are named.',
    body: { schema: UID_LIST, example: ['u1', 'u2'] },
    answer: '[{"uid":"u1","device_flag":1,"online":1}]',
    refusals: UNREADABLE_BODY,
  });

export const ApiImSystemUids = (summary: string, description: string): MethodDecorator =>
  ApiImCall({
    summary,
    description,
    body: { properties: { uids: IDS }, example: { uids: ['system'] } },
    answer: OK,
    refusals: UNREADABLE_BODY,
  });
