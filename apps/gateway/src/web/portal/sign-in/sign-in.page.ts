import { html } from '../page/html.js';
import type { Frame, Page } from '../page/shell.js';
import type { SignInProblem } from './sign-in-error.js';
import { signInWordsIn } from './sign-in.words.js';

export interface SignInView {
  /** Path of the portal to go on to. */
  returnTo: string;
  hasIssuer: boolean;
  problem: SignInProblem | null;
  /** Whoever looks at it has just signed out; `url`: where to sign out of the issuer too. */
  signedOut: { url: string | null } | null;
}

export function signInPage({ language, prefix }: Frame, view: SignInView): Page {
  const words = signInWordsIn(language);
  const start = `${prefix}/portal/sign-in/start?returnTo=${encodeURIComponent(view.returnTo)}`;
  const main = html`<section class="notice">
    <h1>${words.heading}</h1>
    ${view.problem && html`<p role="alert">${words.problems[view.problem]}</p>`}
    ${view.signedOut && html`<p role="status">${words.signedOut}</p>`}
    ${view.hasIssuer && html`<p class="actions"><a class="button primary" href="${start}">${words.withIssuer}</a></p>`}
    ${view.signedOut?.url && html`<p><a href="${view.signedOut.url}">${words.signOutOfIssuer}</a></p>`}
    <p class="quiet">${view.hasIssuer ? words.orFrom : words.onlyFrom}</p>
  </section>`;
  return { title: words.title, main };
}
