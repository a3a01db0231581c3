import { badParameter } from '../platform.error.js';
import { link, text, withDefault, type Parameter, type Read } from '../platform.parameters.js';

/** Bytes of UTF-8; what is longer is cut, as WeCom would. */
const MAX_URL_BYTES = 2048;
/** Also where not one character of what was asked for fits. */
export const DEFAULT_BUTTON = '详情';

const url = link({
  about: '点击后跳转的链接，最长2048字节',
  example: 'https://www.example.com/s?ie=UTF-8',
  max: MAX_URL_BYTES,
});

const users = text({ about: '用户的列表，用 | 或 ｜ 分隔', example: 'test1|test2' });

export const CARD_MESSAGE = {
  userList: {
    ...users,
    read(name, value) {
      const ids = users
        .read(name, value)
        .split(/[|｜]/)
        .map((id) => id.trim());
      const distinct = [...new Set(ids)].filter((id) => id !== '');
      if (distinct.length === 0) throw badParameter(name, '不能为空，请补充');
      return distinct;
    },
  } satisfies Parameter<string[]>,
  title: text({ about: '标题，超过128个字节自动截断', example: '通知' }),
  description: text({
    about: '描述，超过512个字节自动截断',
    example: '<div class="gray">2021年06月17日</div> <div class="normal">恭喜你获得本次大赛第一</div>',
  }),
  url: {
    ...url,
    read(name, value) {
      const given = url.read(name, value);
      if (Buffer.byteLength(given) > MAX_URL_BYTES) throw badParameter(name, `过长，最多 ${MAX_URL_BYTES} 个字节`);
      return given;
    },
  } satisfies Parameter<string>,
  btnTxt: withDefault(text({ about: '按钮文字，超过4个文字自动截断', example: '更多数据' }), DEFAULT_BUTTON),
};
export type CardMessage = Read<typeof CARD_MESSAGE>;
