import { createHash } from 'node:crypto';
import { html, SafeHtml } from '../../../web/portal/page/html.js';
import type { AccessReceipt } from './access-receipt.js';

const STYLE = `
@page{size:A4;margin:18mm 16mm}
body{font:15px/1.6 system-ui,"PingFang SC","Microsoft YaHei",sans-serif;color:#111;background:#f3f4f6;margin:0}
main{background:#fff;max-width:46rem;margin:2rem auto;padding:2.5rem;box-shadow:0 1px 4px #0002}
h1{font-size:1.4rem;text-align:center;margin:0 0 1.5rem}h2{font-size:1rem;margin:1.5rem 0 .4rem}
table{border-collapse:collapse;width:100%;table-layout:fixed}th,td{border:1px solid #555;padding:.45rem .6rem;overflow-wrap:anywhere}
th{background:#f0f1f3;font-weight:600}th.name{width:7.5rem;text-align:left}.channels td,.channels th{text-align:center;padding:.45rem .2rem}
code{font:14px ui-monospace,Consolas,monospace}ol{margin:.4rem 0;padding-left:1.4rem}.quiet{color:#555;font-size:.87rem}
@media (max-width:40rem){main{margin:0;padding:1rem}.channels th,.channels td{font-size:.75rem}}
@media print{body{background:none;font-size:11pt}main{box-shadow:none;margin:0;padding:0;max-width:none}.screen{display:none}}
`;

/** The page runs nothing and loads nothing. */
export const ACCESS_RECEIPT_CSP = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const page = (title: string, main: SafeHtml): string =>
  html`<!doctype html>
    <html lang="zh-CN">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${title}</title>
        ${new SafeHtml(`<style>${STYLE}</style>`)}
      </head>
      <body>
        <main>${main}</main>
      </body>
    </html> `.toString();

/** One sheet of A4: what the application form calls 申请回执, with what was applied for. */
export function accessReceiptPage(receipt: AccessReceipt): string {
  const { name, description, ipAllowlist, channels, baseUrl, appId, appSecret } = receipt;
  const title = `接入回执 · ${name}`;
  return page(
    title,
    html`<h1>统一消息中心 接入回执</h1>
      <h2>应用信息</h2>
      <table>
        <tr>
          <th class="name" scope="row">应用名称</th>
          <td>${name}</td>
        </tr>
        <tr>
          <th class="name" scope="row">应用描述</th>
          <td>${description || '—'}</td>
        </tr>
        <tr>
          <th class="name" scope="row">IP白名单</th>
          <td>${ipAllowlist.length > 0 ? ipAllowlist.join('，') : '不限'}</td>
        </tr>
      </table>
      <h2>渠道权限</h2>
      <table class="channels">
        <tr>
          <th scope="row">发送渠道</th>
          ${channels.map(({ label }) => html`<th scope="col">${label}</th>`)}
        </tr>
        <tr>
          <th scope="row">是否启用</th>
          ${channels.map(({ isOpen }) => html`<td>${isOpen ? '是' : '否'}</td>`)}
        </tr>
      </table>
      <h2>申请回执</h2>
      <table>
        <tr>
          <th class="name" scope="row">接口域名</th>
          <td><code>${baseUrl}</code></td>
        </tr>
        <tr>
          <th class="name" scope="row">应用ID</th>
          <td><code>${appId}</code></td>
        </tr>
        <tr>
          <th class="name" scope="row">应用秘钥</th>
          <td>${appSecret === null ? '已在创建时交付' : html`<code>${appSecret}</code>`}</td>
        </tr>
      </table>
      <h2>说明</h2>
      <ol class="quiet">
        <li>用应用ID和应用秘钥换取 token，有效时间 7200 秒；调用其他接口时带上 token。</li>
        <li>应用秘钥等同于密码：请只保存在服务器端，不要写进网页、客户端或邮件。</li>
        <li>应用秘钥泄露或遗失时，请联系管理员更换；更换后旧的回执链接即失效。</li>
      </ol>
      <p class="quiet screen">可以直接用浏览器打印本页，或另存为 PDF。</p>`,
  );
}

export const deadLinkPage = (): string =>
  page(
    '接入回执',
    html`<h1>回执链接已失效</h1>
      <p>回执链接在 24 小时内有效，应用秘钥更换后随即失效。请联系管理员重新获取。</p>
      <p lang="en" class="quiet">
        This link has expired, or the secret was changed since. Please ask the administrator for a new one.
      </p>`,
  );
