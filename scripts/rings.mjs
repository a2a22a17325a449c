// The rings of tests, and how they run: each spec file in a process of its own, several of them at once.
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, sep } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { root, say } from './common.mjs';
import { watchIdle } from './idle.mjs';
import { runWorker } from './worker.mjs';

const matrix = join(root, 'test', 'matrix');
const node24 = { LIVE_NODE_RED_DIR: matrix, LIVE_EXPECT_NODE: '24', LIVE_EXPECT_NODE_RED: '5' };
/** How much of a core those files take that wait for deadlines and do next to nothing meanwhile. */
const WAITS = 0.05;
const waiting = (...names) => Object.fromEntries(names.map((name) => [name, WAITS]));
const nodes = {
  folder: 'test/nodes',
  load: 0.2,
  loads: waiting('scenes-status-vmix', 'start-stream-vmix', 'health-alert-vmix', 'switch-close'),
  first: ['examples-tell', 'examples-act', 'examples-switching', 'examples-vmix', 'vmix-faults'],
};

/**
 * In the order in which their files are begun, after all those of any ring that only wait. `load` is how much of a core a spec file
 * takes, as the run tells it at its end, `loads` where it is another for some: those with a browser take the most, while others
 * mostly wait for OBS. `first` names the files that take longest: begun last, they would be waited for alone.
 */
export const rings = [
  {
    name: 'editor',
    folder: 'test/editor',
    load: 0.9,
    timeout: 120_000,
    first: ['examples', 'dialogs', 'vmix'],
  },
  {
    name: 'matrix-editor',
    folder: 'test/editor',
    load: 0.9,
    timeout: 120_000,
    first: ['examples', 'dialogs', 'vmix'],
    // the long form alone looks at these again: pages of ports of their own, in which no Node-RED is, and dialogs that are made of
    // what dialogs, connection, vmix, guest-show and witness show in both
    onlyLong: [
      ...['guest-page', 'report', 'timeline'],
      ...['keys', 'media-server', 'publish-gate', 'set-source', 'sources', 'vmix-acts'],
    ],
    matrix: true,
    env: node24,
  },
  { name: 'services', folder: 'test/services', load: 1, timeout: 120_000, install: true },
  { name: 'package', folder: 'test/package', also: 'test/package.spec.ts', load: 1, timeout: 300_000 },
  {
    name: 'contract',
    folder: 'test/contract',
    load: 0.25,
    loads: {
      ...waiting('capabilities/streams', 'capabilities/health'),
      // it looks at every frame that an OBS on a busy machine would be late with
      'switch-pictures': 1.2,
      health: 0.6,
    },
    timeout: 120_000,
    first: [
      ...['switch-pictures', 'switch-kill', 'switch-port', 'capabilities/connection', 'lost', 'health'],
      ...[
        'srt-out',
        'switch-whole',
        'stream',
        'overtaken',
        'health-source',
        'stop-all',
        'record',
        'stream-lock',
      ],
    ],
  },
  {
    name: 'lib',
    folder: 'test/lib',
    load: 0.6,
    loads: waiting(
      ...['vmix-stop-all', 'vmix-survey', 'vmix-recorder', 'vmix-streams', 'vmix-numbers', 'vmix-scenes'],
      ...['vmix-client', 'vmix-streams-told', 'vmix-streams-lost', 'obs-health'],
    ),
    first: ['witness-store-crash'],
    coverage: true,
  },
  { ...nodes, name: 'nodes', coverage: true },
  {
    ...nodes,
    name: 'matrix-nodes',
    // ffmpeg and the ingest are what works in them; the nodes' own files show them in both
    onlyLong: ['ingest-chain', 'examples-pictures'],
    matrix: true,
    env: node24,
  },
];

/** Spec files mostly wait: while this share of the cores was idle for so long, one more is begun, up to this many times the cores. */
const IDLE = { share: 0.25, ms: 3_000, most: 1.8 };

/**
 * Between two starts: what begins together would look for ports and load its modules together. Those that only wait begin many after each other,
 * and watch times that a core without any rest would spoil.
 */
const APART_MS = 500;
const WAITING_APART_MS = 2_500;

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

/** The spec files of a ring with their loads, in the order in which they are begun. */
function filesOf({ folder, also, load, loads = {}, first = [], onlyLong = [] }) {
  const leftOut = process.env.LIVE_SCALE === '1' ? [] : onlyLong;
  const found = readdirSync(join(root, folder), { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.spec.ts') && !name.split(sep).includes('node_modules'))
    .map((name) => name.slice(0, -'.spec.ts'.length).split(sep).join('/'))
    .filter((name) => !leftOut.includes(name))
    .sort();
  const long = first.filter((name) => found.includes(name));
  const files = [...long, ...found.filter((name) => !long.includes(name))].map((name) => ({
    file: join(folder, `${name}.spec.ts`),
    load: loads[name] ?? load,
  }));
  return also ? [...files, { file: also, load }] : files;
}

/**
 * Runs rings: their spec files in the order given, as many at once as there are cores for their loads, and some more while the cores
 * are idle all the same.
 * @param options.of what a ring runs with: {node, env}
 * @param options.ended called with each ring whose files are all done
 * @param options.serial one file at a time
 * @returns for each ring {ring, result, seconds, computed}: what the reporters wrote down, joined in the order of the files, how
 *   long its files took, all together, and for how much of that a core was busy with them
 */
export async function runRings(
  chosen,
  { of = () => ({}), ended = () => {}, serial = false, timeoutScale = 1 } = {},
) {
  const jobs = chosen.flatMap((ring) => filesOf(ring).map((one) => ({ ring, ...one })));
  const todo = [...jobs.filter(({ load }) => load <= WAITS), ...jobs.filter(({ load }) => load > WAITS)];
  const room = serial ? 0 : availableParallelism();
  const working = new Map();
  const loaded = () => [...working.keys()].reduce((sum, { load }) => sum + load, 0);
  const idle = watchIdle(IDLE.ms);
  let beganAt = 0;
  while (todo.length > 0 || working.size > 0) {
    const spare = !serial && idle.share() >= IDLE.share && Date.now() - beganAt >= 2 * IDLE.ms;
    const most = spare ? room * IDLE.most : room;
    const fits = todo.findIndex(({ load }) => working.size === 0 || loaded() + load <= most);
    if (fits >= 0) {
      beganAt = Date.now();
      const [job] = todo.splice(fits, 1);
      working.set(
        job,
        runFile(job, of(job.ring), timeoutScale).then(() => {
          working.delete(job);
          if (jobs.every((one) => one.ring !== job.ring || one.result)) ended(job.ring);
        }),
      );
      await sleep(job.load <= WAITS ? WAITING_APART_MS : APART_MS);
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
