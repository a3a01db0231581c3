import { html, type SafeHtml } from './html.js';
import type { Frame } from './shell.js';

/** A time as its reader writes it, on the clock of `timeZone`. */
export const momentIn = ({ language }: Frame, timeZone: string, at: Date): SafeHtml =>
  html`<time datetime="${at.toISOString()}"
    >${at.toLocaleString(language, { timeZone, dateStyle: 'medium', timeStyle: 'short' })}</time
  >`;
