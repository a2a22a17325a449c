// What can be told without running the package: format, rules, types.
import { join } from 'node:path';
import { root, run, say } from './common.mjs';

const tool = (path, ...args) => [join(root, 'node_modules', path), ...args];

const checks = [
  {
    name: 'format (npm run format puts it right)',
    command: tool('prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.'),
  },
  { name: 'types of the runtime', command: tool('typescript/bin/tsc', '-p', 'tsconfig.json', '--noEmit') },
  {
    name: 'types of the editor',
    command: tool('typescript/bin/tsc', '-p', 'tsconfig.editor.json', '--noEmit'),
  },
  { name: 'types of the tests', command: tool('typescript/bin/tsc', '-p', 'tsconfig.test.json', '--noEmit') },
  { name: 'lint', command: tool('eslint/bin/eslint.js', '.') },
];

/** Runs them all. Returns the names of those that failed. */
export function runChecks() {
  return checks
    .filter(({ name, command }) => {
      say(name);
      return !run(process.execPath, command);
    })
    .map(({ name }) => name);
}
