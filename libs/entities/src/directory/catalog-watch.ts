import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { CatalogRepository, type CatalogTopic } from './catalog.repository.js';

/** How often a replica looks whether somebody else changed the catalog, ms. */
const LOOK_EVERY_MS = 1000;

/**
 * Tells caches in this process when their table changed, on whichever replica. A look is one query of four rows a
 * second, whatever the number of caches.
 */
@Injectable()
export class CatalogWatch implements OnApplicationShutdown {
  private readonly listeners = new Map<CatalogTopic, Set<() => void>>();
  private seen = new Map<CatalogTopic, number>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly catalog: CatalogRepository) {}

  /** Calls `listener` after every change of the topic. */
  onChange(topic: CatalogTopic, listener: () => void): void {
    const listeners = this.listeners.get(topic) ?? new Set();
    this.listeners.set(topic, listeners.add(listener));
    this.timer ??= setInterval(() => void this.look().catch(() => undefined), LOOK_EVERY_MS).unref();
  }

  /**
   * Looks now: for the replica that made the change itself. A failed look changes
   * nothing; the next one sees it. The first look tells everybody: a cache may be older than the revisions it started from.
   */
  async look(): Promise<void> {
    const revisions = await this.catalog.revisions();
    for (const [topic, revision] of revisions) {
      const before = this.seen.get(topic);
      if (before !== revision) for (const listener of this.listeners.get(topic) ?? []) listener();
      this.seen.set(topic, revision);
    }
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }
}
