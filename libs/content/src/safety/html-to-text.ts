import sanitizeHtml from 'sanitize-html';

const BLOCKS = ['p', 'div', 'li', 'tr', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'blockquote', 'pre', 'table', 'ul', 'ol'];
const ENTITIES: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&amp;': '&' };

/**
 * The words of an HTML message for channels of plain text: blocks and `<br>` end a line, scripts and styles are gone.
 * The parser does the reading; what it leaves has only the tags named here and these four entities.
 */
export function htmlToText(html: string): string {
  const skeleton = sanitizeHtml(html.replace(/\s+/g, ' '), {
    allowedTags: [...BLOCKS, 'br', 'td', 'th'],
    allowedAttributes: {},
    nestingLimit: 64,
  });
  return skeleton
    .replace(/<\/t[dh]>/g, ' ')
    .replace(/<br \/>|<\/(?!t[dh]>)[a-z0-9]+>/g, '\n')
    .replace(/<[^<>]*>/g, '')
    .replace(/&(?:lt|gt|quot|amp);/g, (entity) => ENTITIES[entity] ?? entity)
    .split('\n')
    .map((line) => line.replace(/\s+/g, ' ').trim())
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}
