import { foldText } from './fold-text.js';
import { MAX_FOLDED_WORD_LENGTH, WordTrie } from './word-trie.js';

/** A word of the list and where it stands in the text as given: UTF-16 offsets, `end` exclusive. */
export interface SensitiveMatch {
  word: string;
  start: number;
  end: number;
}

/** What makes a word useless as a sensitive (or allowed) word, or null. Said to the administrator who adds it. */
export function sensitiveWordProblem(word: string): string | null {
  const folded = foldText(word);
  if (folded.length === 0) return 'nothing is left of the word without spaces, punctuation and symbols';
  if (folded.length > MAX_FOLDED_WORD_LENGTH) return `the word is longer than ${MAX_FOLDED_WORD_LENGTH} characters`;
  if (folded.length === 1 && (folded.units[0] ?? 0) < 0x80) {
    return 'a single letter or digit is left of the word: it would match nearly every text';
  }
  return null;
}

/**
 * Finds listed words in a text whatever its width, case, spacing, zero-width characters, punctuation and symbols.
 * Immutable: a changed list is a new matcher.
 */
export class SensitiveWordMatcher {
  private constructor(
    private readonly words: readonly string[],
    private readonly sensitive: WordTrie,
    private readonly allowed: WordTrie,
  ) {}

  /** Words with a `sensitiveWordProblem` are left out. An occurrence inside an allowed word is not reported. */
  static build(words: readonly string[], allowList: readonly string[] = []): SensitiveWordMatcher {
    return new SensitiveWordMatcher([...words], trieOf(words), trieOf(allowList));
  }

  /** The first listed word of the text (of several at one place the shortest), or null. */
  find(text: string): SensitiveMatch | null {
    return this.matches(text, 1)[0] ?? null;
  }

  /** The first `limit` occurrences of listed words, overlapping ones, too, in the order in which they start. */
  matches(text: string, limit: number): SensitiveMatch[] {
    const folded = foldText(text);
    const found: SensitiveMatch[] = [];
    let reach = 0;
    for (let from = 0; from < folded.length && found.length < limit; from++) {
      this.allowed.matchesAt(folded, from, (_word, end) => {
        reach = Math.max(reach, end);
        return false;
      });
      this.sensitive.matchesAt(folded, from, (word, end) => {
        // Some allowed word started at or before `from` and reaches `end`: this occurrence is part of it.
        if (end <= reach) return false;
        found.push({ word: this.words[word] ?? '', start: folded.starts[from] ?? 0, end: folded.ends[end - 1] ?? 0 });
        return found.length === limit;
      });
    }
    return found;
  }
}

function trieOf(words: readonly string[]): WordTrie {
  const trie = new WordTrie();
  words.forEach((word, index) => {
    if (sensitiveWordProblem(word) === null) trie.add(foldText(word), index);
  });
  return trie;
}
