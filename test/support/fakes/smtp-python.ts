import { spawnSync } from 'node:child_process';

/** A Python of this machine that has the module, or undefined; Debian's packages are not seen by every Python. */
export const pythonWith = (module: string): string | undefined =>
  ['python3', '/usr/bin/python3'].find(
    (python) => spawnSync(python, ['-W', 'ignore', '-c', `import ${module}`]).status === 0,
  );
