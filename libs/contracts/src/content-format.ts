/** Shapes that chat apps know: plain text, a card with a link, a picture with a headline, markdown. */
export const CONTENT_FORMATS = ['text', 'card', 'news', 'markdown'] as const;
export type ContentFormat = (typeof CONTENT_FORMATS)[number];
