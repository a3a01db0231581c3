import { html, type SafeHtml } from './html.js';
import type { Frame } from './shell.js';

/** What somebody who is signed in finds in the head of every page. */
export const accountNav = ({ words, prefix }: Frame): SafeHtml =>
  html`<a href="${prefix}/portal">${words.inbox}</a>
    <form method="post" action="${prefix}/portal/sign-out"><button class="link">${words.signOut}</button></form>`;
