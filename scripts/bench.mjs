// npm run bench -- NAME: one of bench/*.ts against the build; its last line is its figures as JSON.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { build, checkNode, fail, install, root, run } from './common.mjs';

checkNode();
install();
const [name, ...args] = process.argv.slice(2);
const folder = join(root, 'bench');
const file = join(folder, `${name}.ts`);
if (!name || !existsSync(file)) {
  const names = readdirSync(folder).filter((one) => /^[^_].*\.ts$/.test(one));
  fail(`Choose a benchmark: ${names.map((one) => one.slice(0, -3)).join(', ')}.`);
}
if (!build()) fail('The build failed: see above.');
const node = ['--expose-gc', '--import', 'tsx', '--import', './test/support/setup.ts'];
process.exitCode = run(process.execPath, [...node, file, ...args]) ? 0 : 1;
