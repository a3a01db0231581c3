import { Injectable } from '@nestjs/common';
import { CatalogWatch, TemplateRepository, type CurrentTemplate } from '#entities';

const MAX_KEPT = 5000;

/** Current template versions by app and code. Unknown codes are never remembered: they may exist a moment later. */
@Injectable()
export class TemplateCatalog {
  private kept = new Map<string, CurrentTemplate>();

  constructor(
    private readonly templates: TemplateRepository,
    watch: CatalogWatch,
  ) {
    watch.onChange('template', () => (this.kept = new Map()));
  }

  async find(appId: string, code: string): Promise<CurrentTemplate | null> {
    const key = `${appId}\n${code}`;
    // What is found is kept where it was looked for: a change meanwhile leaves that map behind, with what was read before it.
    const { kept } = this;
    const known = kept.get(key);
    if (known) return known;
    const found = await this.templates.findCurrent(appId, code);
    if (found) {
      if (kept.size >= MAX_KEPT) kept.clear();
      kept.set(key, found);
    }
    return found;
  }
}
