import type { FastifyRequest } from 'fastify';
import { findCookie } from '../../../http/cookies.js';

export const LANGUAGES = ['zh-CN', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

export const LANGUAGE_COOKIE = 'mc_lang';

/** What the address asks for, e.g. `?lang=en`; null: nothing. */
export const languageAsked = (request: FastifyRequest): Language | null =>
  named(new URL(request.url, 'http://portal').searchParams.get('lang'));

/** The language chosen earlier, else the browser's, else Chinese. */
export const languageOf = (request: FastifyRequest): Language =>
  named(findCookie(request, LANGUAGE_COOKIE)) ?? preferredLanguage(request.headers['accept-language'] ?? '');

const named = (text: string | null): Language | null => LANGUAGES.find((one) => one === text) ?? null;

/** The first of ours in `Accept-Language`, by its weights. */
export function preferredLanguage(accepted: string): Language {
  const ranges = accepted
    .slice(0, 512)
    .split(',')
    .map((range) => {
      const [tag = '', weight] = range.split(';');
      return { tag: tag.trim().toLowerCase(), weight: Number(/q=([\d.]+)/.exec(weight ?? '')?.[1] ?? 1) };
    })
    .filter(({ tag, weight }) => /^(?:zh|en)\b/.test(tag) && weight > 0)
    .sort((a, b) => b.weight - a.weight);
  return ranges[0]?.tag.startsWith('en') ? 'en' : 'zh-CN';
}
