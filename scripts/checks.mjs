// What can be told without running the package: format, rules, types. Those of the runtime are the build's to tell.
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { root, say } from './common.mjs';

const tool = (path, ...args) => [join(root, 'node_modules', path), ...args];

// the longest first
const checks = [
  { name: 'lint', command: tool('eslint/bin/eslint.js', '.') },
  {
    name: 'format (npm run format puts it right)',
    command: tool('prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.'),
  },
  { name: 'types of the tests', command: tool('typescript/bin/tsc', '-p', 'tsconfig.test.json', '--noEmit') },
  {
    name: 'types of the editor',
    command: tool('typescript/bin/tsc', '-p', 'tsconfig.editor.json', '--noEmit'),
  },
];

/** Runs a check; prints what it said once it is done, and gives whether it is content. */
export function runCheck({ name, command }) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, command, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    const printed = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => printed.push(chunk));
    child.once('error', (error) => printed.push(Buffer.from(`${error.message}\n`)));
    child.once('close', (code) => {
      say(name);
      process.stdout.write(Buffer.concat(printed));
      resolve(code === 0);
    });
  });
}

/** Runs them all, one on each core. Returns the names of those that failed. */
export async function runChecks() {
  const waiting = [...checks];
  const failed = [];
  const work = async () => {
    for (let check = waiting.shift(); check; check = waiting.shift())
      if (!(await runCheck(check))) failed.push(check.name);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return failed;
}
