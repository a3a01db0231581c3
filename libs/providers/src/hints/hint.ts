/** What to do next, in the administrator's languages. */
export interface Hint {
  zh: string;
  en: string;
}

/** By code. */
export type HintTable = Readonly<Record<string, Hint>>;

export const hint = (zh: string, en: string): Hint => ({ zh, en });
