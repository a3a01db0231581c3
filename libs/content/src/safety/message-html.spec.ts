import { describe, expect, it } from '@jest/globals';
import { htmlToText } from './html-to-text.js';
import { sanitizeMessageHtml } from './sanitize-message-html.js';

/** Payloads of the classes a portal page and mail readers meet; none may keep an active part. */
const HOSTILE = [
  '<script>alert(1)</script>',
  '<SCRIPT SRC=//e.x/x.js></SCRIPT>',
  '<scr<script>ipt>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<img src="x" onerror="alert(1)//',
  '<img/src/onerror=alert(1)>',
  '<svg onload=alert(1)>',
  '<svg><script>alert(1)</script></svg>',
  '<svg><style><img src=x onerror=alert(1)></style></svg>',
  '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
  '<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>',
  '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
  '<style><style/><img src=x onerror=alert(1)>',
  '<xmp><p title="</xmp><img src=x onerror=alert(1)>">',
  '<noembed><img title="</noembed><img src onerror=alert(1)>"></noembed>',
  '<textarea><img title="</textarea><img src onerror=alert(1)>">',
  '<title><img title="</title><img src onerror=alert(1)>">',
  '<template><img src=x onerror=alert(1)></template>',
  '<plaintext><img src=x onerror=alert(1)>',
  '<!--><img src=x onerror=alert(1)>-->',
  '<!--[if gte IE 4]><script>alert(1)</script><![endif]-->',
  '<![CDATA[><img src=x onerror=alert(1)>]]>',
  '<?xml version="1.0"?><img src=x onerror=alert(1)>',
  '<a href="javascript:alert(1)">x</a>',
  '<a href="JaVaScRiPt:alert(1)">x</a>',
  '<a href="java\tscript:alert(1)">x</a>',
  '<a href=" \u0001javascript:alert(1)">x</a>',
  '<a href="&#106;avascript:alert(1)">x</a>',
  '<a href="&#x6A&#x61;vascript&colon;alert(1)">x</a>',
  '<a href="vbscript:msgbox(1)">x</a>',
  '<a href="data:text/html,<script>alert(1)</script>">x</a>',
  '<a href="//evil.example/x">x</a>',
  '<a href="\\\\evil.example">x</a>',
  '<img src="data:image/svg+xml;base64,PHN2Zy8+">',
  '<img src="javascript:alert(1)">',
  '<img srcset="x onerror=alert(1)">',
  '<iframe src="javascript:alert(1)"></iframe>',
  '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
  '<object data="javascript:alert(1)"></object>',
  '<embed src="javascript:alert(1)">',
  '<applet code=x></applet>',
  '<base href="javascript:alert(1)//">',
  '<meta http-equiv="refresh" content="0;url=javascript:alert(1)">',
  '<link rel="stylesheet" href="http://e.x/x.css">',
  '<form action="javascript:alert(1)"><input type=submit></form>',
  '<button formaction="javascript:alert(1)">x</button>',
  '<input autofocus onfocus=alert(1)>',
  '<select autofocus onfocus=alert(1)>',
  '<video><source onerror=alert(1)></video>',
  '<audio src=x onerror=alert(1)>',
  '<details open ontoggle=alert(1)>',
  '<marquee onstart=alert(1)>',
  '<body onload=alert(1)>',
  '<div style="background:url(javascript:alert(1))">x</div>',
  '<div style="background-image:url(http://e.x/t.png)">x</div>',
  '<div style="width:expression(alert(1))">x</div>',
  '<div style="behavior:url(x.htc)">x</div>',
  '<div style="-moz-binding:url(x.xml#x)">x</div>',
  '<div style="position:fixed;top:0;left:0;width:100%;height:100%">x</div>',
  '<div style="color:red;}</style><script>alert(1)</script>">x</div>',
  '<p onmouseover="alert(1)" id=x name=y class=z>x</p>',
  "<p title='\"><img src=x onerror=alert(1)>'>x</p>",
  '+ADw-script+AD4-alert(1)+ADw-/script+AD4-',
  '<a xlink:href="javascript:alert(1)">x</a>',
  '<table background="javascript:alert(1)"><tr><td>x</td></tr></table>',
];

const TAGS =
  'a|abbr|b|blockquote|br|caption|center|code|col|colgroup|dd|del|div|dl|dt|em|font|h[1-6]|hr|i|img|ins|li|mark|ol|p|pre|q|s|small|span|strike|strong|sub|sup|table|tbody|td|tfoot|th|thead|tr|u|ul';
/** The only shape output may have: text without brackets, and allowed tags whose attribute values hold no quote or bracket. */
const INERT = new RegExp(`^(?:[^<>]|</(?:${TAGS})>|<(?:${TAGS})(?: [a-z]+="[^"<>]*")*(?: /)?>)*$`);

describe('sanitised message HTML', () => {
  it.each(HOSTILE)('has no active part left: %s', (html) => {
    const safe = sanitizeMessageHtml(html);
    expect(safe).toMatch(INERT);
    const tags = (safe.match(/<[^<>]*>/g) ?? []).join('').replace(/ (?:title|alt)="[^"]*"/g, '');
    expect(tags).not.toMatch(
      / on\w+=|javascript|vbscript|data:|url\(|position|expression|behavior|binding|srcdoc|="\/\/|\\/i,
    );
    expect(sanitizeMessageHtml(safe)).toBe(safe);
  });

  it('keeps what a message needs', () => {
    const html =
      '<table width="100%"><tbody><tr><td align="left" style="color:rgb(1, 2, 3);padding:4px">a <b>b</b><br /></td></tr></tbody></table>';
    expect(sanitizeMessageHtml(html)).toBe(html);
    expect(sanitizeMessageHtml('<img src="https://e.com/a.png" alt="x">')).toBe(
      '<img src="https://e.com/a.png" alt="x" />',
    );
  });

  it('opens links without handing over the opener', () => {
    expect(sanitizeMessageHtml('<a href="https://e.com" target="_self">x</a>')).toBe(
      '<a href="https://e.com" target="_blank" rel="noopener noreferrer">x</a>',
    );
  });

  it.each([
    '<',
    '<b>',
    '<a href="',
    '<!--',
    '&',
    '&#',
    '<b style="color:',
    '</b>',
    '<svg><style>',
    '"><',
    '<b style="color:red;color:(((">',
  ])('reads 100 kB of %j and leaves it inert', (unit) => {
    const hostile = unit.repeat(Math.ceil(100_000 / unit.length));
    expect(sanitizeMessageHtml(hostile)).toMatch(INERT);
    expect(htmlToText(hostile).length).toBeLessThanOrEqual(hostile.length);
  });
});

describe('text of HTML', () => {
  it('ends lines at blocks and breaks and drops scripts, styles and comments', () => {
    expect(
      htmlToText(
        '<style>p{}</style><h1>T</h1>\n<p>a<br>b  c</p><!-- x --><ul><li>1</li><li>2</li></ul><script>y</script>',
      ),
    ).toBe('T\na\nb c\n\n1\n2'.replace('\n\n', '\n'));
  });

  it('decodes entities once', () => {
    expect(htmlToText('&lt;b&gt; &amp;lt; &quot;&copy;&nbsp;&#39;')).toBe('<b> &lt; "© \'');
  });

  it('keeps table cells apart', () => {
    expect(htmlToText('<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>')).toBe('a b\nc');
  });
});
