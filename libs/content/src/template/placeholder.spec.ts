import { describe, expect, it } from '@jest/globals';
import {
  ContentTooLongError,
  MAX_RENDERED_LENGTH,
  MissingParamError,
  parseTemplate,
  placeholdersOf,
  previewText,
  render,
} from './placeholder.js';

const rendered = (text: string, params: Record<string, string>, escape: 'none' | 'html' | 'url' = 'none'): string =>
  render(parseTemplate(text), params, { escape });

describe('placeholders', () => {
  it('fills {{name}}, {{name.DATA}}, inner spaces and CJK names', () => {
    expect(
      rendered('{{a}}-{{ b }}-{{first.DATA}}-{{姓名}}-{{x_1-y}}', {
        a: '1',
        b: '2',
        first: '3',
        姓名: '张三',
        'x_1-y': '5',
      }),
    ).toBe('1-2-3-张三-5');
  });

  it('lists each name once, in order', () => {
    expect(placeholdersOf('{{b}} {{a.DATA}} {{b.DATA}} {{#each}} {{}}')).toEqual(['b', 'a']);
  });

  it.each([
    '{{#each items}}',
    '{{/each}}',
    '{{a.b}}',
    '{{ }}',
    '{{}}',
    '${7*7}',
    '{{a b}}',
    '{{{',
    '}}',
    '{a}',
    '<%= a %>',
    '{{a.data}}',
  ])('leaves %s as literal text', (text) => {
    expect(rendered(text, { a: 'X' })).toBe(text);
  });

  it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf'])(
    'treats {{%s}} as a missing param',
    (name) => {
      expect(() => rendered(`{{${name}}}`, {})).toThrow(MissingParamError);
      expect(() => rendered(`{{${name}}}`, Object.create(null) as Record<string, string>)).toThrow(MissingParamError);
    },
  );

  it('fills a name of the prototype when the caller gave it as a param', () => {
    expect(
      rendered('{{constructor}}', JSON.parse('{"constructor":"c","__proto__":"p"}') as Record<string, string>),
    ).toBe('c');
    expect(rendered('{{__proto__}}', JSON.parse('{"__proto__":"p"}') as Record<string, string>)).toBe('p');
  });

  it('names the missing param', () => {
    expect(() => rendered('{{a}} {{p2}}', { a: '1' })).toThrow(
      expect.objectContaining({ code: 'missing_param', kind: 'invalid', details: { name: 'p2' } }),
    );
  });

  it('never renders a value again', () => {
    expect(rendered('{{a}}', { a: '{{b}}', b: 'secret' })).toBe('{{b}}');
    expect(rendered('{{a}}{{b}}', { a: '{{', b: 'b}}' })).toBe('{{b}}');
  });

  it('keeps replacement patterns of values literal', () => {
    expect(rendered('[{{a}}]', { a: "$& $1 $' $`" })).toBe("[$& $1 $' $`]");
  });

  it('escapes values, not the template, in HTML', () => {
    expect(rendered('<b title="{{a}}">{{a}}</b>', { a: `<i>"'&\`` }, 'html')).toBe(
      '<b title="&lt;i&gt;&quot;&#39;&amp;&#96;">&lt;i&gt;&quot;&#39;&amp;&#96;</b>',
    );
  });

  it('percent-encodes values inside a URL and keeps a value that is the URL', () => {
    expect(rendered('https://e.com/?q={{a}}', { a: 'x&y=z#/\ud800' }, 'url')).toBe(
      'https://e.com/?q=x%26y%3Dz%23%2F%EF%BF%BD',
    );
    expect(rendered('{{link}}', { link: 'https://e.com/a?b=c' }, 'url')).toBe('https://e.com/a?b=c');
  });

  it('stops when params blow the text up', () => {
    const text = '{{a}}'.repeat(1000);
    expect(() => rendered(text, { a: 'x'.repeat(10_000) })).toThrow(ContentTooLongError);
  });

  it.each(['{{', '{{a', '{', '{{ ', '{{a.DATA', '}}'])('parses 100 kB of %j', (unit) => {
    const text = unit.repeat(Math.ceil(100_000 / unit.length));
    expect(rendered(text, {})).toBe(text);
  });
});

describe('a preview', () => {
  it('fills in what is there and leaves the rest as written', () => {
    expect(previewText('a {{b}} c {{ d }} e {{b.DATA}}', { b: "$& {{d}} $'" })).toBe(
      "a $& {{d}} $' c {{ d }} e $& {{d}} $'",
    );
    expect(previewText('', { b: 'x' })).toBe('');
  });

  it('is no longer than a message may be', () => {
    expect(previewText('{{a}}'.repeat(13_000), { a: 'x'.repeat(20_000) })).toHaveLength(MAX_RENDERED_LENGTH);
    expect(previewText('x'.repeat(MAX_RENDERED_LENGTH + 1), {})).toHaveLength(MAX_RENDERED_LENGTH);
  });
});
