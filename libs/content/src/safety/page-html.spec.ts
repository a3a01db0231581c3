import { describe, expect, it } from '@jest/globals';
import { pageHtmlOf } from './page-html.js';

const proxied = (src: string): string => `/picture?u=${encodeURIComponent(src)}`;
const page = (html: string) => pageHtmlOf(html, '#x', proxied);

describe('pageHtmlOf', () => {
  it('moves styles into classes, one a distinct style', () => {
    expect(page('<p style="color:red">a</p><b style="color:red;margin:0">b</b><i style="color:red">c</i>')).toEqual({
      html: '<p class="m0">a</p><b class="m1">b</b><i class="m0">c</i>',
      css: '#x .m0{color:red}\n#x .m1{color:red;margin:0}',
    });
  });

  it('sends pictures through the given address and leaves out those without one', () => {
    expect(page('<img src="https://a.example/?x=1&amp;y=2" alt="A" onerror="x()">').html).toBe(
      '<img alt="A" src="/picture?u=https%3A%2F%2Fa.example%2F%3Fx%3D1%26y%3D2" loading="lazy" />',
    );
    expect(pageHtmlOf('a<img src="https://a.example/">b<img>', '#x', () => null).html).toBe('ab');
  });

  it.each([
    '<p style="color:red}body{display:none">a</p>',
    '<p style="color:red;/*">a</p>',
    '<p style="font-family:\'a">a</p>',
    '<p style="background:url(https://a.example/x)">a</p>',
    '<p style="color:</style><script>alert(1)</script>">a</p>',
    '<p style="color:\\7d body\\7b display:none">a</p>',
  ])('lets no style leave its rule: %s', (html) => {
    const { css } = page(html);
    expect(css).not.toMatch(/[<>\\]|url|\/\*/);
    expect(css.match(/[{}]/g)?.join('') ?? '').toMatch(/^(\{\})?$/);
    expect(css).toMatch(/^$|^#x \.m0\{[^']*\}$/);
  });

  it('keeps no class, id or handler of the sender', () => {
    expect(page('<p class="top" id="main" onclick="x()" data-events="/x">a</p>').html).toBe('<p>a</p>');
  });
});
