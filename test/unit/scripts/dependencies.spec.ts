import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

interface Locked {
  version: string;
  integrity?: string;
  resolved?: string;
  link?: boolean;
  dev?: boolean;
}

const read = (name: string): string => readFileSync(new URL(`../../../${name}`, import.meta.url), 'utf8');
const manifest = JSON.parse(read('package.json')) as Record<string, Record<string, string>>;
const { packages } = JSON.parse(read('package-lock.json')) as { packages: Record<string, Locked> };
const locked = Object.entries(packages).filter(([path]) => path !== '');

/** Older ones have holes that are known: of what is shipped and strangers reach. */
const AT_LEAST: Record<string, string> = {
  fastify: '5.12.1',
  nodemailer: '9.1.1',
  typeorm: '0.3.26',
  amqplib: '2.0.0',
};

const isAtLeast = (version: string, least: string): boolean =>
  version.localeCompare(least, 'en', { numeric: true, sensitivity: 'base' }) >= 0;

describe('dependencies', () => {
  it('are locked by their content and come from the registry, from wherever that is', () => {
    expect(locked.length).toBeGreaterThan(500);
    const odd = locked.filter(([, one]) => !/^sha512-/.test(one.integrity ?? '') || one.resolved || one.link);
    expect(odd.map(([path]) => path)).toEqual([]);
  });

  it('are named by one version each', () => {
    const named = { ...manifest['dependencies'], ...manifest['devDependencies'] };
    expect(Object.entries(named).filter(([, version]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version))).toEqual([]);
  });

  it('run no code when they are installed', () => {
    expect(read('.npmrc').split('\n')).toContain('ignore-scripts=true');
  });

  it.each(Object.entries(AT_LEAST))('%s is %s or newer', (name, least) => {
    const shipped = locked.filter(([path, { dev }]) => path.endsWith(`node_modules/${name}`) && !dev);
    const versions = shipped.map(([, { version }]) => version);
    expect(versions.length).toBeGreaterThan(0);
    expect(versions.filter((version) => !isAtLeast(version, least))).toEqual([]);
  });
});
