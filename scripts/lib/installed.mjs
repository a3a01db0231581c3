// Is node_modules what package-lock.json asks for? npm's own record inside node_modules is written last, so it answers.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** @param {string} root @returns {string | null} why an install is needed */
export function whyInstall(root) {
  let installed;
  try {
    installed = JSON.parse(readFileSync(join(root, 'node_modules/.package-lock.json'), 'utf8')).packages;
  } catch {
    return 'the dependencies are not installed yet';
  }
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === '' || entry.link || !fitsThisMachine(entry)) continue;
    const found = installed[path];
    if (!found && entry.optional && !entry.os) continue; // npm may leave it out for reasons of its own
    if (found?.version !== entry.version || !existsSync(join(root, path, 'package.json'))) {
      return `${path.replace(/^.*node_modules\//, '')} ${entry.version} is missing`;
    }
  }
  return null;
}

function fitsThisMachine({ os, cpu, libc }) {
  return allows(os, process.platform) && allows(cpu, process.arch) && (!libc || allows(libc, libcOfThisMachine()));
}

/** A list names what is allowed, or, with `!`, what is not. */
function allows(list, own) {
  if (!list || list.includes(own)) return true;
  return list.every((word) => word.startsWith('!')) && !list.includes(`!${own}`);
}

let libc;
function libcOfThisMachine() {
  if (libc) return libc;
  process.report.excludeNetwork = true; // looking up host names takes seconds
  return (libc = process.report.getReport().header.glibcVersionRuntime ? 'glibc' : 'musl');
}
