import { applyDecorators } from '@nestjs/common';
import { ApiQuery } from '@nestjs/swagger';
import { ApiImCall, ID, UNREADABLE } from './im.docs.js';

const DESCRIPTION =
  'Every replica serves every client: the answer is `IM_WS_URL`, or the port `IM_WS_PORT` where this center is reached. `tcp_addr` is empty: no plain TCP is served.';

export const ApiImRoute = (): MethodDecorator =>
  applyDecorators(
    ApiImCall({
      summary: '获取连接地址',
      description: DESCRIPTION,
      answer: '{"tcp_addr":"","ws_addr":"ws://127.0.0.1:5200","wss_addr":""}',
      refusals: {},
    }),
    ApiQuery({ name: 'uid', required: false, description: 'Who asks; the answer is the same for all.' }),
  );

export const ApiImRouteBatch = (): MethodDecorator =>
  ApiImCall({
    summary: '批量获取连接地址',
    description: DESCRIPTION,
    body: { schema: { type: 'array', items: ID }, example: ['u1', 'u2'] },
    answer: '[{"tcp_addr":"","ws_addr":"ws://127.0.0.1:5200","wss_addr":"","uids":["u1","u2"]}]',
    refusals: { '数据格式有误！': UNREADABLE },
  });
