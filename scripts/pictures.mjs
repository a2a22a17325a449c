// npm run pictures: the pictures that the editor's tests took become those of the documentation.
import { copyFileSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fail, root } from './common.mjs';

const from = join(root, 'build', 'pictures');
const to = join(root, 'docs', 'images');
const names = existsSync(from) ? readdirSync(from).filter((name) => name.endsWith('.png')) : [];
if (names.length === 0) fail('There are no pictures in build/pictures: run "npm test -- editor" first.');
mkdirSync(to, { recursive: true });
for (const name of names) copyFileSync(join(from, name), join(to, name));
console.log(`${names.length} pictures copied to docs/images`);
