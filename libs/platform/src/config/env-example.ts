import type { ConfigClass } from './load-config.js';
import { settingsOf } from './setting.js';

/** Text of `.env.example`: every setting with its meaning; what has a default shows it, what has none is an example, commented out. */
export function envExample(configClasses: readonly ConfigClass[]): string {
  const topics = configClasses.map((configClass) => {
    const defaults = new configClass() as Record<string, unknown>;
    const settings = settingsOf(configClass).map((field) => {
      const file = field.secret ? ` May be given as ${field.name}_FILE.` : '';
      const value = shown(defaults[field.name]);
      const line = value === '' ? `#${field.name}=${field.example ?? ''}` : `${field.name}=${value}`;
      return `# ${field.description}${file}\n${line}\n`;
    });
    return `## ${configClass.name.replace(/Config$/, '')}\n\n${settings.join('\n')}`;
  });
  return `# Made from the config classes of libs/platform; a unit test keeps it equal to them.\n\n${topics.join('\n')}`;
}

function shown(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return value === undefined ? '' : String(value);
}
