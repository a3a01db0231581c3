import { Injectable } from '@nestjs/common';
import { CatalogWatch, TemplateRepository, type CurrentTemplate } from '#entities';

const MAX_KEPT = 5000;

/** Current template versions by app and code. Unknown codes are never remembered: they may exist a moment later. */
@Injectable()
export class TemplateCatalog {
  private readonly kept = new Map<string, CurrentTemplate>();

  constructor(
    private readonly templates: TemplateRepository,
    watch: CatalogWatch,
  ) {
    watch.onChange('template', () => this.kept.clear());
  }

  async find(appId: string, code: string): Promise<CurrentTemplate | null> {
    const key = `${appId}\n${code}`;
    const known = this.kept.get(key);
    if (known) return known;
    const found = await this.templates.findCurrent(appId, code);
    if (found) {
      if (this.kept.size >= MAX_KEPT) this.kept.clear();
      this.kept.set(key, found);
    }
    return found;
  }
}
