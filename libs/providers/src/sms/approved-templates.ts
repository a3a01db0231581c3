import type { Outcome, RenderedContent } from '../port/channel-provider.port.js';
import type { ApprovedTemplate } from './approved-template.js';
import { fillOf, splitText, wordsInCommon, type SplitText } from './template-text.js';

/** The template a text goes out with. */
export interface ChosenTemplate {
  code: string;
  signName?: string;
  /** Values by the names of the placeholders. */
  values: Record<string, string>;
  /** The account lists it; else only the message names it. */
  isListed: boolean;
}

interface Listed extends ApprovedTemplate {
  split: SplitText;
}

/** There is hardly a placeholder it would not do for, and nobody takes it for a code. */
const SAMPLE_VALUE = '0000';
/** Longer texts than any vendor takes are not even compared. */
const MAX_TEXT = 2000;
const MAX_QUOTE = 60;

/** The templates of an account, and which of them a message goes out with. */
export class ApprovedTemplates {
  /** Those with more words of their own first: they say more about the text than one that is mostly placeholder. */
  private readonly templates: readonly Listed[];
  /** As the administrator lists them. */
  private readonly listed: readonly Listed[];

  /** @param placeholder the vendor's spelling, with the name as its first group */
  constructor(templates: readonly ApprovedTemplate[], placeholder: RegExp) {
    this.listed = templates.map((template) => ({ ...template, split: splitText(template.text.trim(), placeholder) }));
    this.templates = [...this.listed].sort((a, b) => b.split.literalLength - a.split.literalLength);
  }

  /** Something to send to such numbers: the first template for them. Undefined where none is listed. */
  sample(isMainland: boolean): RenderedContent | undefined {
    const template = this.listed.find((one) => isFor(one, isMainland));
    if (!template) return undefined;
    const params = Object.fromEntries(template.split.names.map((name) => [name, SAMPLE_VALUE]));
    return { templateId: template.code, params };
  }

  /** The template the message names itself, else the one whose words the text has; an outcome where there is none. */
  choose(content: RenderedContent, isMainland: boolean): ChosenTemplate | { outcome: Outcome } {
    if (content.templateId !== undefined) return this.named(content.templateId, content.params ?? {});
    const text = (content.text ?? '').trim().replace(/\r\n?/g, '\n');
    if (text === '') return refuse('no_text', 'the message has no text for SMS');
    if (text.length > MAX_TEXT) return refuse('text_too_long', `the text is longer than ${MAX_TEXT} characters`);
    const usable = this.templates.filter((template) => isFor(template, isMainland));
    for (const template of usable) {
      const values = fillOf(template.split, text);
      if (values) return chosen(template, values);
    }
    return refuse('no_template', `no approved template has the words of this text; ${nearest(usable, text)}`);
  }

  private named(code: string, params: Record<string, string>): ChosenTemplate | { outcome: Outcome } {
    const template = this.templates.find((listed) => listed.code === code);
    if (!template) return { code, values: params, isListed: false };
    const values: Record<string, string> = {};
    for (const name of template.split.names) {
      const value = Object.hasOwn(params, name) ? params[name] : undefined;
      if (value === undefined) return refuse('missing_param', `template ${code} needs a value for "${name}"`);
      values[name] = value;
    }
    return chosen(template, values);
  }
}

const isFor = ({ international }: Listed, isMainland: boolean): boolean =>
  international === undefined || international !== isMainland;

const chosen = ({ code, signName }: Listed, values: Record<string, string>): ChosenTemplate => ({
  code,
  ...(signName === undefined ? {} : { signName }),
  values,
  isListed: true,
});

const refuse = (code: string, words: string): { outcome: Outcome } => ({
  outcome: { class: 'bad_content', code, words },
});

/** Names the template that has most of its words in the text. Only the template is quoted, never the text. */
function nearest(templates: readonly Listed[], text: string): string {
  let best: { code: string; share: number; lacks: string | null } | undefined;
  for (const { code, split } of templates) {
    const common = wordsInCommon(split, text);
    if (!best || common.share > best.share) best = { code, ...common };
  }
  if (!best) return 'none for such numbers is listed in the settings of the account';
  if (best.lacks === null) return `the nearest is ${best.code}, but the text says more than it`;
  return `the nearest is ${best.code}, of which the text lacks "${best.lacks.trim().slice(0, MAX_QUOTE)}"`;
}
