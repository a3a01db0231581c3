import { createHash } from 'node:crypto';
import { OUTGOING_CHANNELS } from '#contracts';
import { escapeHtml } from '#content';
import type { SandboxRow } from '#entities';
import { SANDBOX_RECIPIENTS } from '#providers';

export interface SandboxPageView {
  /** Newest first. */
  messages: readonly SandboxRow[];
  /** The filter as it was asked; empty: none. */
  channel: string;
  address: string;
  nextCursor: string | null;
  /** The sandbox serves channels here. */
  isOn: boolean;
}

const STYLE = `
body{font:15px/1.5 system-ui,"PingFang SC","Microsoft YaHei",sans-serif;margin:0 auto;max-width:70rem;padding:1.5rem;color:#1a1a1a;background:#fafafa}
h1{font-size:1.4rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .5rem}p{margin:.3rem 0}
.muted{color:#666}.off{background:#fff3cd;border:1px solid #e0c97f;padding:.5rem .8rem;border-radius:6px}
form{margin:1rem 0;display:flex;gap:.6rem;flex-wrap:wrap;align-items:end}label{display:flex;flex-direction:column;font-size:.85rem;color:#444}
input,select,button{font:inherit;padding:.3rem .5rem;border:1px solid #bbb;border-radius:5px;background:#fff}
table{border-collapse:collapse;width:100%;background:#fff;border:1px solid #ddd}th,td{padding:.4rem .6rem;border-top:1px solid #e5e5e5;text-align:left;vertical-align:top}
th{background:#f0f0f0;font-weight:600;white-space:nowrap}td.text{white-space:pre-wrap;overflow-wrap:anywhere}td.narrow{white-space:nowrap}
code{font:13px ui-monospace,monospace}.title{font-weight:600}
@media (prefers-color-scheme:dark){body{background:#161616;color:#e6e6e6}table,input,select,button{background:#1f1f1f;color:inherit;border-color:#444}
th{background:#2a2a2a}th,td{border-color:#333}.muted,label{color:#aaa}.off{background:#3a3215;border-color:#6b5b1e}a{color:#8ab4f8}}
`;

const styleHash = createHash('sha256').update(STYLE).digest('base64');

/** The page runs nothing and loads nothing: what a message says stays text. */
export const SANDBOX_PAGE_CSP = [
  "default-src 'none'",
  `style-src 'sha256-${styleHash}'`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The simulated recipients in Chinese; their English words are their own. */
const MEANINGS: Readonly<Record<string, string>> = {
  fail: '立即拒绝：地址不存在',
  bounce: '先接受，1 秒后回执失败',
  slow: '5 秒后接受',
  flaky: '第 1、2 次暂时失败，第 3 次接受',
  limit: '限流 2 秒一次，之后接受',
  unknown: '已接收但应答丢失：不知是否送达',
  read: '接受，随后回执“已送达”“已读”',
  delivered: '接受，随后回执“已送达”',
  badcontent: '拒绝：厂商不接受该内容',
  badconfig: '拒绝：账号配置错误',
};

/** The whole page; everything that came from outside is escaped. */
export function sandboxPage(view: SandboxPageView): string {
  return `<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>沙箱 Sandbox · Message Center</title><style>${STYLE}</style></head><body>
<h1>沙箱 Sandbox</h1>
<p>沙箱收到的消息，最新的在前；没有任何内容发送到外部。</p>
<p class="muted">What the sandbox provider took, newest first. None of it left this service. The same as JSON: <a href="/v1/sandbox/messages">/v1/sandbox/messages</a></p>
${view.isOn ? '' : '<p class="off">沙箱未启用 (SANDBOX=off)：没有服务商的渠道视为关闭。 The sandbox is off: channels without a provider count as switched off.</p>'}
${filterForm(view)}
${messageTable(view)}
${moreLink(view)}
<h2>模拟收件人 Simulated recipients</h2>
<p class="muted">邮箱用户名、地址中的单词或手机号决定结果；其他地址一律接受。 The local part of a mail address, a word in any other address, or the phone number decides; everybody else takes everything.</p>
${recipientTable()}
</body></html>
`;
}

function filterForm({ channel, address }: SandboxPageView): string {
  const options = OUTGOING_CHANNELS.map(
    (name) => `<option${name === channel ? ' selected' : ''}>${name}</option>`,
  ).join('');
  return `<form method="get" action="/sandbox">
<label>渠道 Channel<select name="channel"><option value="">全部 all</option>${options}</select></label>
<label>地址 Address<input name="address" value="${escapeHtml(address)}" maxlength="2048" size="32"></label>
<button>筛选 Filter</button> <a href="/sandbox">刷新 Refresh</a></form>`;
}

function messageTable({ messages }: SandboxPageView): string {
  if (messages.length === 0) return '<p class="muted">暂无消息。 Nothing yet.</p>';
  const rows = messages.map(
    ({
      at,
      channel,
      address,
      messageId,
      content,
    }) => `<tr><td class="narrow"><time>${at.toISOString()}</time></td><td>${escapeHtml(channel)}</td>
<td class="text">${escapeHtml(address)}</td><td class="text">${contentCell(content)}</td><td><code>${escapeHtml(messageId ?? '–')}</code></td></tr>`,
  );
  return `<table><thead><tr><th>时间 Time</th><th>渠道 Channel</th><th>地址 Address</th><th>内容 Content</th><th>消息 Message</th></tr></thead>
<tbody>${rows.join('\n')}</tbody></table>`;
}

/** What a recipient would read; HTML is shown as its source. */
function contentCell(content: Record<string, unknown>): string {
  const field = (name: string): string => {
    const value = content[name];
    return typeof value === 'string' ? escapeHtml(value) : '';
  };
  const { params, payload } = content;
  const parts = [
    field('title') && `<span class="title">${field('title')}</span>`,
    field('text'),
    field('html') !== field('text') && field('html') && `<code>${field('html')}</code>`,
    field('url'),
    field('templateId') && `<code>${field('templateId')}</code>`,
    params ? `<code>${escapeHtml(JSON.stringify(params))}</code>` : '',
    payload ? `<code>${escapeHtml(JSON.stringify(payload))}</code>` : '',
  ];
  return parts.filter(Boolean).join('\n');
}

function moreLink({ nextCursor, channel, address }: SandboxPageView): string {
  if (nextCursor === null) return '';
  const query = new URLSearchParams({ channel, address, cursor: nextCursor });
  return `<p><a href="/sandbox?${escapeHtml(query.toString())}">更早 Older</a></p>`;
}

function recipientTable(): string {
  const rows = SANDBOX_RECIPIENTS.map(
    ({ word, phone, meaning }) =>
      `<tr><td><code>${escapeHtml(word)}@example.com</code></td><td><code>${escapeHtml(phone)}</code></td><td>${escapeHtml(MEANINGS[word] ?? '')}</td><td>${escapeHtml(meaning)}</td></tr>`,
  );
  return `<table><thead><tr><th>邮箱 / 单词 Mail, word</th><th>手机 Phone</th><th>表现</th><th>Behaviour</th></tr></thead><tbody>${rows.join('\n')}</tbody></table>`;
}
