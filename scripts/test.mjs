// npm test: everything on a fresh clone. `npm test -- lib nodes` runs some rings, `npm test -- checks` only the checks.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { build, checkNode, fail, install, root, say } from './common.mjs';

const words = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const flags = process.argv.slice(2).filter((word) => word.startsWith('--'));
const strict = process.env.LIVE_STRICT === '1';
process.env.LIVE_SCALE ??= flags.includes('--long') ? '1' : '0.1';

/** Least share of the lines that the rings lib and nodes have to reach, in percent. */
const leastCoverage = 90;

checkNode();
const began = Date.now();
install();
// these two stand on what npm installs
const { runCheck, runChecks } = await import('./checks.mjs');
const { matrixNode, rings, runRings } = await import('./rings.mjs');
const { installPrograms } = await import('./programs.mjs');

const unknown = words.filter(
  (word) => word !== 'checks' && !rings.some(({ name }) => name.split('-').includes(word) || name === word),
);
if (unknown.length > 0)
  fail(
    `No ring is named ${unknown.join(', ')}. There are: checks, ${rings.map(({ name }) => name).join(', ')}, matrix.`,
  );
const chosen = rings.filter(
  ({ name, matrix }) => words.length === 0 || words.includes(name) || (matrix && words.includes('matrix')),
);

const failed = [];
const skipped = [];
const notApplicable = [];
let passed = 0;
const times = [];

async function timed(name, action) {
  const from = Date.now();
  const result = await action();
  times.push(`${name} ${((Date.now() - from) / 1000).toFixed(0)} s`);
  return result;
}

const missing = await timed('programs', () => installPrograms());
if (missing.length > 0) {
  const text = `not installed: ${missing.join(' ')}`;
  if (strict) failed.push({ title: 'programs', message: text });
  else say(`${text}; the tests that need them are skipped`);
}

if (words.length === 0 || words.includes('checks'))
  for (const name of await timed('checks', runChecks)) failed.push({ title: name, message: 'see above' });

const built = await timed('build', () => build({ force: words.length === 0 }));
if (!built) failed.push({ title: 'build', message: 'see above' });

const covered = join(root, 'build', 'coverage', 'raw');
rmSync(covered, { recursive: true, force: true });
const measure =
  chosen.filter(({ coverage }) => coverage).length === rings.filter(({ coverage }) => coverage).length;

let runnable = built ? chosen : [];
for (const ring of runnable) if (ring.install) install(join(root, ring.folder));
let node24 = null;
if (runnable.some(({ matrix }) => matrix)) {
  install(join(root, 'test', 'matrix'));
  node24 = matrixNode();
  if (!node24) {
    for (const { name } of runnable.filter(({ matrix }) => matrix)) {
      const entry = { title: `ring ${name}`, reason: 'no Node.js 24 for this machine' };
      if (strict) failed.push({ title: entry.title, message: entry.reason });
      else skipped.push(entry);
    }
    runnable = runnable.filter(({ matrix }) => !matrix);
  }
}
/** The share of the lines, told once all that is measured is done, while other rings still run. */
let coverage = null;
const measured = new Set(runnable.filter((ring) => ring.coverage && measure));
function ended(ring) {
  if (!measured.delete(ring) || measured.size > 0) return;
  const where = ['--temp-directory', covered, '--reports-dir', join(root, 'build', 'coverage')];
  const what = [
    '--include',
    'dist/**',
    '--include',
    '{lib,red,nodes,simulators}/**',
    '--exclude',
    'nodes/*/editor.ts',
    '--exclude-after-remap',
  ];
  const least = ['--check-coverage', '--lines', String(leastCoverage)];
  const reports = ['--reporter', 'text-summary', '--reporter', 'lcovonly'];
  const c8 = join(root, 'node_modules', 'c8', 'bin', 'c8.js');
  coverage = runCheck({
    name: 'coverage of the rings lib and nodes',
    command: [c8, 'report', ...where, ...what, ...least, ...reports],
  });
}

const seconds = [];
const results = await timed('rings', () =>
  runRings(runnable, {
    of: (ring) => ({
      node: ring.matrix ? node24 : process.execPath,
      env: ring.coverage && measure ? { NODE_V8_COVERAGE: covered } : {},
    }),
    ended,
    serial: flags.includes('--serial'),
    timeoutScale: process.env.LIVE_SCALE === '1' ? 6 : 1,
  }),
);
if (coverage && !(await timed('rest of the coverage', () => coverage)))
  failed.push({ title: 'coverage', message: `fewer than ${leastCoverage} % of the lines` });
for (const { ring, result, seconds: took, computed } of results) {
  seconds.push(`${ring.name} ${took.toFixed(0)} (${computed.toFixed(0)})`);
  passed += result.passed.length;
  const named = (list) => list.map((entry) => ({ ...entry, title: `${ring.name}: ${entry.title}` }));
  failed.push(...named(result.failed));
  skipped.push(...named(result.skipped));
  notApplicable.push(...named(result.notApplicable));
}

const list = (title, entries, text) => {
  if (entries.length === 0) return;
  console.log(`\n${title}:`);
  for (const entry of entries) console.log(`  ${entry.title}: ${text(entry)}`);
};
list('Not applicable here', notApplicable, ({ reason }) => reason);
list('Skipped', skipped, ({ reason }) => reason || 'no reason given');
list('Failed', failed, ({ message }) => message.split('\n')[0]);
if (seconds.length > 0)
  console.log(
    `\nSeconds that the spec files of each ring took, several at once (and that a core was busy with them): ${seconds.join(', ')}`,
  );
console.log(`${times.join(', ')}; ${((Date.now() - began) / 60_000).toFixed(1)} minutes in all`);
console.log(`${passed} passed, ${failed.length} failed, ${skipped.length} skipped`);
process.exitCode = failed.length > 0 || passed === 0 ? 1 : 0;
