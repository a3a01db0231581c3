/** What the tests use of the package, which brings no types. */
declare module 'co-wechat-api' {
  export default class WechatAPI {
    constructor(appId: string, appSecret: string);
    /** Address of the API with `/cgi-bin/` at its end. */
    prefix: string;
    getAccessToken(): Promise<{ accessToken: string; expireTime: number }>;
    getAllPrivateTemplate(): Promise<{ template_list: Record<string, string>[] }>;
    /** Rejects with the errcode as `code`. */
    sendTemplate(
      openid: string,
      templateId: string,
      url: string,
      topColor: string,
      data: Record<string, { value: string; color?: string }>,
    ): Promise<{ errcode: number; errmsg: string; msgid: { toString(): string } }>;
  }
}
