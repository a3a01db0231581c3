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

/**
 * Puts the tables between the two marks of docs/performance.md; the words around them stay, and so do the tables of parts that
 * were not measured now. The picture shows a run of everything only.
 */
export function writeDocs(result, isWhole) {
  const page = join(ROOT, 'docs/performance.md');
  const text = existsSync(page) ? readFileSync(page, 'utf8') : `# Performance\n\n${BEGIN}\n${END}\n`;
  const from = text.indexOf(BEGIN);
  const to = text.indexOf(END);
  if (from < 0 || to < from) throw new Error('docs/performance.md has lost the marks between which the figures stand');
  const sections = isWhole ? new Map() : sectionsIn(text.slice(from + BEGIN.length, to));
  for (const suite of result.suites) sections.set(suite.title, sectionOf(suite, result));
  const body = ['![Ours against the peers](performance.svg)', introOf(result), ...sections.values()].join('\n\n');
  const written = write('docs/performance.md', `${text.slice(0, from)}${BEGIN}\n\n${body}\n\n${text.slice(to)}`);
  return isWhole ? [written, write('docs/performance.svg', chartOf(result))] : [written];
}

/** The tables that stand in the page, by title, in their order. */
function sectionsIn(text) {
  const parts = text.split(/^(?=### )/m).slice(1);
  return new Map(parts.map((part) => [part.slice(4, part.indexOf('\n')), part.trim()]));
}

const markdownOf = (result) =>
  [introOf(result), ...result.suites.map((suite) => sectionOf(suite, result))].join('\n\n');

const whenOf = ({ at, machine }) => `Measured ${at.slice(0, 16).replace('T', ' ')} UTC at commit ${machine.commit}`;

function introOf({ machine, options }) {
  const packages = Object.entries(machine.packages).map(([name, version]) => `${name} ${version}`);
  return [
    `Machine: ${machine.cores} cores (${machine.cpu}), ${machine.memoryGiB} GiB, ${machine.system}, Node ${machine.node.slice(1)}; ${packages.join(', ')}.`,
    `Load generator, peers and servers share these cores. ${options.rounds} rounds of ${options.seconds} s, medians.`,
  ].join('\n\n');
}

function sectionOf({ title, facts, load, figures }, result) {
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
    `${whenOf(result)}. ${facts.join('; ')}. Load average ${load.before} before, ${load.after} after.`,
  ].join('\n');
}

function write(path, text) {
  mkdirSync(dirname(join(ROOT, path)), { recursive: true });
  writeFileSync(join(ROOT, path), text);
  return path;
}
