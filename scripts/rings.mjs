// The rings of tests, and how one of them runs: a process of its own, which has to end by itself and leave nothing.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from './common.mjs';

const matrix = join(root, 'test', 'matrix');
const node24 = { LIVE_NODE_RED_DIR: matrix, LIVE_EXPECT_NODE: '24', LIVE_EXPECT_NODE_RED: '5' };

/** In the order in which they run. `minutes` is far more than a ring takes: past it, it is stuck. */
export const rings = [
  { name: 'lib', specs: ['test/lib/**/*.spec.ts'], minutes: 10, coverage: true },
  {
    name: 'package',
    specs: ['test/package.spec.ts', 'test/package/**/*.spec.ts'],
    minutes: 10,
    timeout: 300_000,
  },
  { name: 'nodes', specs: ['test/nodes/**/*.spec.ts'], minutes: 15, coverage: true },
  { name: 'contract', specs: ['test/contract/**/*.spec.ts'], minutes: 40, timeout: 120_000 },
  { name: 'editor', specs: ['test/editor/**/*.spec.ts'], minutes: 20, timeout: 120_000 },
  { name: 'matrix-nodes', specs: ['test/nodes/**/*.spec.ts'], minutes: 15, matrix: true, env: node24 },
  {
    name: 'matrix-editor',
    specs: ['test/editor/**/*.spec.ts'],
    minutes: 20,
    timeout: 120_000,
    matrix: true,
    env: node24,
  },
];

/** The Node.js of test/matrix, by its path: from node_modules/.bin it would take over every npm script. */
export function matrixNode() {
  const modules = join(matrix, 'node_modules');
  const names = existsSync(modules)
    ? readdirSync(modules).filter((name) => /^node-(linux|darwin|bin)-/.test(name))
    : [];
  return names.map((name) => join(modules, name, 'bin', 'node')).find((file) => existsSync(file)) ?? null;
}

const running = new Set();

function killGroup(pid) {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // already gone
  }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => {
    for (const pid of running) killGroup(pid);
    process.exit(130);
  });

/** Processes that have this ring's mark in their environment: [{pid, command}]. */
function marked(mark) {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        if (!readFileSync(`/proc/${pid}/environ`, 'latin1').includes(mark)) return [];
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        return command ? [{ pid: Number(pid), command }] : [];
      } catch {
        return [];
      }
    });
}

async function until(condition, ms) {
  for (const end = Date.now() + ms; Date.now() < end; await sleep(100)) if (condition()) return true;
  return condition();
}

/**
 * Runs one ring.
 * @returns what its reporter wrote down, with the faults of the process itself among the failed
 */
export async function runRing(ring, { node = process.execPath, args = [], env = {}, timeoutScale = 1 } = {}) {
  const results = join(root, 'build', 'results', `${ring.name}.json`);
  rmSync(results, { force: true });
  const mark = `LIVE_RING=${ring.name}-${randomUUID()}`;
  const mocha = ['--import', 'tsx', realpathSync(join(root, 'node_modules/mocha/lib/cli/cli.js'))];
  const options = [
    '--reporter',
    'scripts/reporter.cjs',
    ...(ring.timeout ? ['--timeout', String(ring.timeout)] : []),
  ];
  const child = spawn(node, [...mocha, ...options, ...args, ...ring.specs], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: true,
    env: {
      ...process.env,
      PATH: `${dirname(node)}:${process.env.PATH}`,
      ...ring.env,
      ...env,
      LIVE_RESULTS: results,
      LIVE_RING: mark.slice('LIVE_RING='.length),
    },
  });
  running.add(child.pid);
  let ended = null;
  child.once('exit', (code, signal) => (ended = { code, signal }));
  child.once('error', (error) => (ended = { code: null, signal: error.message }));
  const faults = [];
  const limit = ring.minutes * 60_000 * timeoutScale;
  if (!(await until(() => ended !== null || existsSync(results), limit)))
    faults.push(`was not done after ${limit / 60_000} minutes`);
  else if (!(await until(() => ended !== null, 60_000)))
    faults.push('did not end by itself within 60 s of its last test');
  const overdue = ended === null;
  killGroup(child.pid);
  await until(() => ended !== null, 10_000);
  running.delete(child.pid);

  let left = [];
  await until(() => (left = marked(mark)).length === 0, 5000);
  for (const { pid, command } of left) {
    if (!overdue) faults.push(`left a program running: ${command}`);
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // ended meanwhile
    }
  }

  const empty = { passed: [], failed: [], skipped: [], notApplicable: [] };
  const result = existsSync(results) ? JSON.parse(readFileSync(results, 'utf8')) : empty;
  if (!existsSync(results) && faults.length === 0)
    faults.push(`crashed (${ended?.signal ?? `exit code ${ended?.code}`}) before it had a result`);
  else if (
    result.passed.length + result.failed.length + result.skipped.length + result.notApplicable.length ===
    0
  )
    faults.push('has no tests');
  else if (ended?.code && !overdue && result.failed.length === 0)
    faults.push(`ended with exit code ${ended.code}`);
  for (const message of faults) result.failed.push({ title: `ring ${ring.name}`, message });
  return result;
}
