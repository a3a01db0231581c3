import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { formAction, portalCenter, type PortalCenter } from '../support/portal-visitor.js';
import { XSS_CORPUS } from '../support/xss-corpus.js';

let portal: PortalCenter;
let refs: string[];
beforeAll(async () => {
  portal = await portalCenter();
  await portal.center.person('target', {});
  refs = await Promise.all(
    XSS_CORPUS.map((payload) => portal.deliver('target', { title: payload, html: `<p>harmless</p>${payload}` })),
  );
});
afterAll(() => portal.center.close());

const TAGS =
  /^(a|abbr|b|blockquote|br|caption|center|code|col|colgroup|dd|del|div|dl|dt|em|font|h[1-6]|hr|i|img|ins|li|mark|ol|p|pre|q|s|small|span|strike|strong|sub|sup|table|tbody|td|tfoot|th|thead|tr|u|ul)$/;
const ATTRIBUTES =
  /^(class|title|dir|lang|href|rel|target|src|alt|loading|width|height|color|size|face|align|valign|bgcolor|border|cellpadding|cellspacing|colspan|rowspan|span|start|type)$/;

/** Every tag of a piece of serialised markup, with its attributes. */
function* tagsOf(markup: string): Generator<{ tag: string; attributes: [name: string, value: string][] }> {
  for (const [, tag = '', rest = ''] of markup.matchAll(/<\/?([^\s/<>]+)(?=[\s/>])((?:[^<>"]|"[^"]*")*)>/g)) {
    const attributes = [...rest.matchAll(/([^\s=/]+)(?:="([^"]*)")?/g)];
    yield { tag, attributes: attributes.map(([, name = '', value = '']) => [name, value]) };
  }
}

const contentOf = (page: string): string => /id="content">([\s\S]*?)<div class="actions">/.exec(page)?.[1] ?? '';

/** The page with what came from outside taken out: it must be the page of a harmless message. */
const frameOf = (page: string): string[] =>
  [...tagsOf(page.replace(contentOf(page), '').replace(/<style>[\s\S]*?<\/style>/, ''))].map(({ tag }) => tag);

describe('a hostile sender', () => {
  it.each(XSS_CORPUS.map((payload, place) => [payload, place] as const))(
    'runs and loads nothing: %s',
    async (_payload, place) => {
      const { text, headers } = await portal.get(portal.linkTo(refs[place] ?? ''));
      for (const { tag, attributes } of tagsOf(contentOf(text).replace(/<\/div>\s*$/, ''))) {
        expect(tag).toMatch(TAGS);
        for (const [name, value] of attributes) {
          expect(name).toMatch(ATTRIBUTES);
          if (name === 'src') expect(value).toMatch(/^\/portal\/image\?u=https?%3A/);
          if (name === 'href') expect(value).toMatch(/^(https?:\/\/|mailto:|tel:)/);
          if (name === 'class') expect(value).toMatch(/^m\d+$/);
        }
      }
      const style = /<style>([\s\S]*?)<\/style>/.exec(text)?.[1] ?? '';
      expect(style).toMatch(/^(#content \.m\d+\{[^{}<>@\\]*\}\n?)*$/);
      expect(style).not.toMatch(/url\(|expression|position/);
      expect(String(headers['content-security-policy'])).not.toContain('unsafe');
      expect(text.match(/<script/gi)).toHaveLength(1);
    },
  );

  it('cannot make one page differ from another around its message', async () => {
    const harmless = await portal.deliver('target', { title: 'a', html: '<p>b</p>' });
    const expected = frameOf((await portal.get(portal.linkTo(harmless))).text);
    for (const ref of refs) expect(frameOf((await portal.get(portal.linkTo(ref))).text)).toEqual(expected);
  });

  it('cannot make the inbox differ from another', async () => {
    const cookie = await portal.signIn('target');
    for (let page = 1; page <= Math.ceil(refs.length / 20); page++) {
      const { text } = await portal.get(`/portal?state=unread&page=${page}`, { cookie });
      expect(text.match(/<script|<img|<svg|<iframe|<form|<style/gi)).toEqual(['<script', '<form', '<form']);
      for (const { attributes } of tagsOf(text))
        for (const [name] of attributes) expect(name).not.toMatch(/^on|^style$/);
    }
  });

  it('has plain text, names and replies shown as they were written', async () => {
    const all = XSS_CORPUS.join('\n');
    const ref = await portal.deliver('target', { title: 'plain', text: all }, { reply: true });
    const action = formAction((await portal.get(portal.linkTo(ref))).text, 'reply') ?? '';
    await portal.post(action, { text: all.slice(0, 2000) });
    const { text } = await portal.get(portal.linkTo(ref));
    const allowed =
      /^(!doctype|html|head|meta|title|link|script|body|a|header|div|nav|main|article|h1|h2|span|p|time|form|button|section|ol|li|label|textarea)$/;
    for (const { tag, attributes } of tagsOf(text)) {
      expect(tag).toMatch(allowed);
      for (const [name, value] of attributes) {
        expect(name).not.toMatch(/^on/);
        if (name === 'href') expect(value).not.toMatch(/^\s*(javascript|data|vbscript):/i);
      }
    }
    expect(text.match(/<script/gi)).toHaveLength(1);
  });
});
