// One test process: mocha over some spec files. It has to end by itself and leave nothing.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from './common.mjs';

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

/** Processes that have this worker's mark in their environment: [{pid, command}]. */
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
 * Runs spec files in a process of their own.
 * @param worker `name` is what its faults are told under; `node` the Node.js that runs it; `limitMs` past which it is stuck
 * @returns what its reporter wrote down, with the faults of the process itself among the failed, for how many seconds a core was
 *   busy with it, and what it printed
 */
export async function runWorker({ name, files, node, args, env, limitMs }) {
  const results = join(root, 'build', 'results', `${name.replace(/[^\w.]+/g, '-')}.json`);
  rmSync(results, { force: true });
  const mark = `LIVE_RING=${randomUUID()}`;
  // the specs are CommonJS: this way no second thread is begun only to load modules
  const mocha = ['--require', 'tsx/cjs', realpathSync(join(root, 'node_modules/mocha/lib/cli/cli.js'))];
  const colour = process.stdout.isTTY ? ['--color'] : [];
  const child = spawn(node, [...mocha, '--reporter', 'scripts/reporter.cjs', ...colour, ...args, ...files], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: {
      ...process.env,
      PATH: `${dirname(node)}:${process.env.PATH}`,
      ...env,
      LIVE_RESULTS: results,
      LIVE_RING: mark.slice('LIVE_RING='.length),
    },
  });
  running.add(child.pid);
  const printed = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => printed.push(chunk));
  let ended = null;
  let heard = false;
  child.once('close', () => (heard = true));
  child.once('exit', (code, signal) => (ended = { code, signal }));
  child.once('error', (error) => (ended = { code: null, signal: error.message }));
  const faults = [];
  if (!(await until(() => ended !== null || existsSync(results), limitMs)))
    faults.push(`was not done after ${limitMs / 60_000} minutes`);
  else if (!(await until(() => ended !== null, 60_000)))
    faults.push('did not end by itself within 60 s of its last test');
  const overdue = ended === null;
  if (child.pid) killGroup(child.pid);
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

  // all that is left of it is in the pipes
  await until(() => heard, 2000);

  const empty = { passed: [], failed: [], skipped: [], notApplicable: [] };
  const result = existsSync(results) ? JSON.parse(readFileSync(results, 'utf8')) : empty;
  rmSync(results, { force: true });
  const { computed = 0 } = result;
  delete result.computed;
  const count = Object.values(result).flat().length;
  if (result === empty && faults.length === 0)
    faults.push(`crashed (${ended?.signal ?? `exit code ${ended?.code}`}) before it had a result`);
  else if (count === 0) faults.push('has no tests');
  else if (ended?.code && !overdue && result.failed.length === 0)
    faults.push(`ended with exit code ${ended.code}`);
  for (const message of faults) result.failed.push({ title: name, message });
  return { result, computed, printed: Buffer.concat(printed).toString() };
}
