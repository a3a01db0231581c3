import { escapeHtml } from '#content';

/** Markup that is ours, or was made safe. Everything else that goes into a page is text. */
export class SafeHtml {
  constructor(private readonly markup: string) {}

  toString(): string {
    return this.markup;
  }
}

export type HtmlValue = SafeHtml | string | number | false | null | undefined | readonly HtmlValue[];

/** html`<p>${text}</p>`: what is filled in is escaped, for text and for attributes in double quotes alike. */
export function html(markup: TemplateStringsArray, ...values: HtmlValue[]): SafeHtml {
  return new SafeHtml(String.raw({ raw: markup.map(String) }, ...values.map(markupOf)));
}

/** The one way past the escaping: for what the sanitiser has answered. */
export const sanitisedHtml = (markup: string): SafeHtml => new SafeHtml(markup);

function markupOf(value: HtmlValue): string {
  if (value instanceof SafeHtml) return value.toString();
  if (Array.isArray(value)) return value.map(markupOf).join('');
  return value === false || value === null || value === undefined ? '' : escapeHtml(String(value));
}
