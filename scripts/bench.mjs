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
  const names = readdirSync(folder).filter((one) => one.endsWith('.ts'));
  const choice = `npm run bench -- NAME, where NAME is one of: ${names.map((one) => one.slice(0, -3)).join(', ')}.`;
  if (name) fail(`There is no benchmark "${name}". ${choice}`);
  console.log(choice);
  process.exit();
}
if (!build()) fail('The build failed: see above.');
const node = ['--expose-gc', '--import', 'tsx', '--import', './test/support/setup.ts'];
process.exitCode = run(process.execPath, [...node, file, ...args]) ? 0 : 1;
