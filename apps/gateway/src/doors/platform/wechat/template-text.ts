/** A place of a template that its message fills: `{{keyword1.DATA}}`. */
const PLACE = /\{\{\s*(\w+)\.DATA\s*\}\}/g;

/** Head and foot of older templates: WeChat shows them no more. */
const MAY_BE_ABSENT: ReadonlySet<string> = new Set(['first', 'remark']);

/** The values that a template takes, or the name of one that is missing. Others are left out: WeChat would not show them. */
export function valuesFor(
  template: string,
  given: ReadonlyMap<string, string>,
): { values: Record<string, string> } | { missing: string } {
  const values: [string, string][] = [];
  for (const [, name = ''] of template.matchAll(PLACE)) {
    const value = given.get(name) ?? '';
    if (value !== '') values.push([name, value]);
    else if (!MAY_BE_ABSENT.has(name)) return { missing: name };
  }
  return { values: Object.fromEntries(values) };
}

/** The template as its reader sees it, without the lines of which nothing is left. */
export function filledText(template: string, values: Readonly<Record<string, string>>): string {
  return template
    .split(/\r?\n/)
    .flatMap((line) => {
      const filled = line.replace(PLACE, (_place, name: string) => values[name] ?? '');
      return filled.trim() === '' ? [] : [filled];
    })
    .join('\n');
}
