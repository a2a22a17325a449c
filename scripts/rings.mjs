// The rings of tests, and how they run: each spec file in a process of its own, several of them at once.
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join, sep } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { root, say } from './common.mjs';
import { watchIdle } from './idle.mjs';
import { runWorker } from './worker.mjs';

const matrix = join(root, 'test', 'matrix');
const node24 = { LIVE_NODE_RED_DIR: matrix, LIVE_EXPECT_NODE: '24', LIVE_EXPECT_NODE_RED: '5' };
const longNodes = [
  'scenes-status-vmix',
  'start-stream-vmix',
  'examples-tell',
  'examples-act',
  'health-alert-vmix',
];

/**
 * In the order in which their files are begun. `load` is how much of a core a spec file takes at most for longer than a
 * moment: those with a browser the most, while the others mostly wait, for deadlines and for OBS. `first` names the files that
 * take longest: begun last, they would be waited for alone.
 */
export const rings = [
  { name: 'editor', folder: 'test/editor', load: 1.2, timeout: 120_000, first: ['dialogs', 'vmix'] },
  {
    name: 'matrix-editor',
    folder: 'test/editor',
    load: 1.2,
    timeout: 120_000,
    first: ['dialogs', 'vmix'],
    matrix: true,
    env: node24,
  },
  { name: 'services', folder: 'test/services', load: 1.2, timeout: 120_000, install: true },
  { name: 'package', folder: 'test/package', also: 'test/package.spec.ts', load: 1, timeout: 300_000 },
  {
    name: 'contract',
    folder: 'test/contract',
    load: 0.35,
    timeout: 120_000,
    first: [
      ...['capabilities/streams', 'capabilities/health', 'srt-out', 'capabilities/connection'],
      ...['health', 'lost', 'overtaken', 'stream', 'stop-all', 'record', 'stream-lock'],
    ],
  },
  {
    name: 'lib',
    folder: 'test/lib',
    load: 0.5,
    first: ['vmix-stop-all', 'vmix-survey', 'vmix-recorder'],
    coverage: true,
  },
  { name: 'nodes', folder: 'test/nodes', load: 0.25, first: longNodes, coverage: true },
  { name: 'matrix-nodes', folder: 'test/nodes', load: 0.25, first: longNodes, matrix: true, env: node24 },
];

/** Spec files mostly wait: while this share of the cores was idle for so long, one more is begun, up to this many times the cores. */
const IDLE = { share: 0.3, ms: 4_000, most: 1.8 };

/** Far more than any spec file takes: past it, it is stuck. */
const LIMIT_MINUTES = 15;

/** The Node.js of test/matrix, by its path: from node_modules/.bin it would take over every npm script. */
export function matrixNode() {
  const modules = join(matrix, 'node_modules');
  const names = existsSync(modules)
    ? readdirSync(modules).filter((name) => /^node-(linux|darwin|bin)-/.test(name))
    : [];
  return names.map((name) => join(modules, name, 'bin', 'node')).find((file) => existsSync(file)) ?? null;
}

/** The spec files of a ring, in the order in which they are begun. */
function filesOf({ folder, also, first = [] }) {
  const found = readdirSync(join(root, folder), { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.spec.ts') && !name.split(sep).includes('node_modules'))
    .sort();
  const long = first.map((name) => `${name}.spec.ts`).filter((name) => found.includes(name));
  const files = [...long, ...found.filter((name) => !long.includes(name))].map((name) => join(folder, name));
  return also ? [...files, also] : files;
}

/**
 * Runs rings: their spec files in the order given, as many at once as there are cores for their loads, and some more while the cores
 * are idle all the same.
 * @param options.of what a ring runs with: {node, env}
 * @param options.serial one file at a time
 * @returns for each ring {ring, result, seconds, computed}: what the reporters wrote down, joined in the order of the files, how
 *   long its files took, all together, and for how much of that a core was busy with them
 */
export async function runRings(chosen, { of = () => ({}), serial = false, timeoutScale = 1 } = {}) {
  const waiting = chosen.flatMap((ring) => filesOf(ring).map((file) => ({ ring, file })));
  const jobs = [...waiting];
  const room = serial ? 0 : availableParallelism();
  const working = new Map();
  const loaded = () => [...working.keys()].reduce((sum, { ring }) => sum + ring.load, 0);
  const idle = watchIdle(IDLE.ms);
  let beganAt = 0;
  while (waiting.length > 0 || working.size > 0) {
    const spare = !serial && idle.share() >= IDLE.share && Date.now() - beganAt >= 2 * IDLE.ms;
    const most = spare ? room * IDLE.most : room;
    const fits = waiting.findIndex(({ ring }) => working.size === 0 || loaded() + ring.load <= most);
    if (fits >= 0) {
      beganAt = Date.now();
      const [job] = waiting.splice(fits, 1);
      working.set(
        job,
        runFile(job, of(job.ring), timeoutScale).then(() => working.delete(job)),
      );
    } else await Promise.race([...working.values(), sleep(IDLE.ms)]);
  }
  idle.close();
  return chosen.map((ring) => {
    const own = jobs.filter((job) => job.ring === ring);
    const joined = (kind) => own.flatMap(({ result }) => result[kind]);
    const result = Object.fromEntries(
      ['passed', 'failed', 'skipped', 'notApplicable'].map((kind) => [kind, joined(kind)]),
    );
    const files = Object.fromEntries(own.map(({ file, seconds, computed }) => [file, { seconds, computed }]));
    mkdirSync(join(root, 'build', 'results'), { recursive: true });
    writeFileSync(
      join(root, 'build', 'results', `${ring.name}.json`),
      JSON.stringify({ ...result, files }, null, 1),
    );
    const sum = (kind) => own.reduce((all, { [kind]: one }) => all + one, 0);
    return { ring, result, seconds: sum('seconds'), computed: sum('computed') };
  });
}

async function runFile(job, { node = process.execPath, env = {} }, timeoutScale) {
  const { ring, file } = job;
  const began = Date.now();
  const { result, computed, printed } = await runWorker({
    name: `${ring.name} ${file}`,
    files: [file],
    node,
    args: ring.timeout ? ['--timeout', String(ring.timeout)] : [],
    env: { ...ring.env, ...env },
    limitMs: LIMIT_MINUTES * 60_000 * timeoutScale,
  });
  job.result = result;
  job.seconds = Math.round((Date.now() - began) / 100) / 10;
  job.computed = computed;
  say(`${ring.name}: ${file}, ${job.seconds} s, ${computed.toFixed(1)} of them computing`);
  process.stdout.write(printed);
}
