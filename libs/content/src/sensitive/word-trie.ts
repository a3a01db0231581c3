import type { FoldedText } from './fold-text.js';

interface Node {
  readonly next: Map<number, Node>;
  /** Index of the word that ends here, or -1. */
  word: number;
}

const emptyNode = (): Node => ({ next: new Map(), word: -1 });

/** Longest folded word in UTF-16 units; bounds the work per character of a text. */
export const MAX_FOLDED_WORD_LENGTH = 64;

/** Words over folded units. A scan restarts at every unit, so its cost is text × longest word at worst. */
export class WordTrie {
  private readonly root = emptyNode();

  add(word: FoldedText, index: number): void {
    let node = this.root;
    for (let i = 0; i < word.length; i++) {
      const unit = word.units[i] ?? 0;
      let child = node.next.get(unit);
      if (!child) node.next.set(unit, (child = emptyNode()));
      node = child;
    }
    if (node.word < 0) node.word = index;
  }

  /** Calls `visit` for each word that starts at unit `from`, shortest first, until it answers true; answers whether it did. */
  matchesAt(text: FoldedText, from: number, visit: (word: number, end: number) => boolean): boolean {
    let node: Node | undefined = this.root;
    for (let i = from; i < text.length; i++) {
      node = node.next.get(text.units[i] ?? 0);
      if (!node) return false;
      if (node.word >= 0 && visit(node.word, i + 1)) return true;
    }
    return false;
  }
}
