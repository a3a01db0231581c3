// The result as JSON for programs, Markdown for docs/performance.md, and a picture for people who would rather look.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from '../../scripts/lib/project.mjs';
import { chartOf } from './chart.mjs';
import { short, verdict } from './figures.mjs';

const BEGIN = '<!-- bench: written by `npm run bench` from here -->';
const END = '<!-- bench: to here -->';

/** Of any run. Answers what was written. */
export function writeResults(result) {
  return [
    write('bench/results/latest.json', `${JSON.stringify(result, null, 2)}\n`),
    write('bench/results/latest.md', `${markdownOf(result)}\n`),
    write('bench/results/latest.svg', chartOf(result)),
  ];
}

/** Puts the tables between the two marks of docs/performance.md; the words around them stay. */
export function writeDocs(result) {
  const page = join(ROOT, 'docs/performance.md');
  const text = existsSync(page) ? readFileSync(page, 'utf8') : `# Performance\n\n${BEGIN}\n${END}\n`;
  const from = text.indexOf(BEGIN);
  const to = text.indexOf(END);
  if (from < 0 || to < from) throw new Error('docs/performance.md has lost the marks between which the figures stand');
  const body = `![Ours against the peers](performance.svg)\n\n${markdownOf(result)}`;
  return [
    write('docs/performance.md', `${text.slice(0, from)}${BEGIN}\n\n${body}\n\n${text.slice(to)}`),
    write('docs/performance.svg', chartOf(result)),
  ];
}

function markdownOf({ at, machine, options, suites }) {
  const packages = Object.entries(machine.packages).map(([name, version]) => `${name} ${version}`);
  return [
    `Measured ${at.slice(0, 16).replace('T', ' ')} UTC at commit ${machine.commit}: ${machine.cores} cores (${machine.cpu}), ${machine.memoryGiB} GiB, ${machine.system}, Node ${machine.node.slice(1)}; ${packages.join(', ')}.`,
    `Load generator, peers and servers share these cores. ${options.rounds} rounds of ${options.seconds} s, medians.`,
    ...suites.map(sectionOf),
  ].join('\n\n');
}

function sectionOf({ title, facts, load, figures }) {
  const rows = figures.flatMap((figure) => {
    const details = Object.entries(figure.details).map(
      ([key, value]) => `${key} ${typeof value === 'number' ? short(value) : value}`,
    );
    const own = [figure.name, `${short(figure.value)} ${figure.unit}`, details.join(', ')];
    if (figure.against.length === 0) return [[...own, '', '', verdict(figure.goal, figure.isMet)]];
    return figure.against.map((peer, index) => [
      ...(index === 0 ? own : ['', '', '']),
      `${peer.name}: ${short(peer.value)}`,
      `${peer.ratio.toFixed(2)} ×`,
      verdict(peer.goal, peer.isMet),
    ]);
  });
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const head = ['figure', 'value', 'details', 'baseline', 'ratio', 'goal'];
  return [
    `### ${title}`,
    '',
    line(head),
    line(head.map(() => '---')),
    ...rows.map(line),
    '',
    `${facts.join('; ')}. Load average ${load.before} before, ${load.after} after.`,
  ].join('\n');
}

function write(path, text) {
  mkdirSync(dirname(join(ROOT, path)), { recursive: true });
  writeFileSync(join(ROOT, path), text);
  return path;
}
