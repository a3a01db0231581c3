import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until the condition holds; fails with what it last saw. */
export async function eventually<T>(
  look: () => T | Promise<T>,
  isThere: (seen: T) => boolean,
  deadlineMs = 20_000,
): Promise<T> {
  for (const giveUpAt = performance.now() + deadlineMs; ; await sleep(20)) {
    const seen = await look();
    if (isThere(seen)) return seen;
    if (performance.now() > giveUpAt) throw new Error(`still ${JSON.stringify(seen)} after ${deadlineMs} ms`);
  }
}

/** A promise and the hands that settle it. */
export function gate(): { opened: Promise<void>; open(): void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}
