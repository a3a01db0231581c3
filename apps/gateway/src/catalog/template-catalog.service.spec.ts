import { expect, it } from '@jest/globals';
import type { CatalogWatch, CurrentTemplate, TemplateRepository } from '#entities';
import { TemplateCatalog } from './template-catalog.service.js';

it('does not keep what was read before a change and arrives after it', async () => {
  const version = (version_id: number): CurrentTemplate => ({ version_id, params: [], content: {} });
  const answers: ((found: CurrentTemplate) => void)[] = [];
  const templates = { findCurrent: () => new Promise<CurrentTemplate>((resolve) => answers.push(resolve)) };
  let change = (): void => undefined;
  const watch = { onChange: (_topic: string, listener: () => void) => void (change = listener) };
  const catalog = new TemplateCatalog(templates as unknown as TemplateRepository, watch as unknown as CatalogWatch);

  const before = catalog.find('app', 'code');
  change();
  answers[0]?.(version(1));
  await before;
  const after = catalog.find('app', 'code');
  answers[1]?.(version(2));
  expect(await after).toEqual(version(2));
  expect(await catalog.find('app', 'code')).toEqual(version(2)); // kept: nobody is asked
  expect(answers).toHaveLength(2);
});
