import { createInterface } from 'node:readline';

/** Shows what a child writes, line by line, each with its name before it. */
export function pipeWithPrefix(child, name) {
  for (const [stream, target] of [
    [child.stdout, process.stdout],
    [child.stderr, process.stderr],
  ]) {
    createInterface({ input: stream }).on('line', (line) => target.write(`${name.padEnd(14)} | ${line}\n`));
  }
}
