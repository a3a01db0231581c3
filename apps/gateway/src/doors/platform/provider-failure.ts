/** The center's own codes for a call that brought no word of the provider: what stands beside them is English, for operators. */
const WORDS: ReadonlyMap<string, string> = new Map([
  ['timeout', '服务商未及时答复'],
  ['connection_refused', '无法连接服务商'],
  ['connection_failed', '无法连接服务商'],
  ['connection_reset', '与服务商的连接中断'],
  ['connection_closed', '与服务商的连接中断'],
  ['host_not_found', '无法连接服务商'],
  ['tls_failed', '无法与服务商建立安全连接'],
  ['broken_answer', '服务商的答复无法识别'],
  ['blocked_address', '该地址不允许访问'],
  ['invalid_request', '请求无法发送给服务商'],
  ['token_unavailable', '暂时无法取得服务商的访问凭证'],
  ['token_timeout', '暂时无法取得服务商的访问凭证'],
  ['token_refused', '服务商拒绝了它自己发放的访问凭证'],
  ['no_template', '公众号未设置默认模版'],
  ['no_text', '没有可以发送的文字'],
  ['too_long', '内容过长'],
  ['account_stopped', '渠道的账号已停用'],
  ['limit_reached', '服务商限制了发送频率'],
  ['invaliduser', '成员不存在，或不在应用的可见范围内'],
  ['unlicenseduser', '成员没有该应用的许可'],
]);

/** Why a call to a provider failed, in Chinese, where it is the center that found out; undefined where the provider says so itself. */
export const ownWordsOf = (code: string): string | undefined => WORDS.get(code);

/** What came back, for a person to read: the center's words, or the provider's code and words as they are. */
export const saidBy = (code: string | null | undefined, words: string | null | undefined): string =>
  ownWordsOf(code ?? '') ?? [code, words].filter(Boolean).join(' ');
