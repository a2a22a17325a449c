// What the commands share: install, build when needed, running things.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');
export const packageJson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** One line that stands out of what the tools print. */
export const say = (text) => console.log(`\n== ${text}`);

/** Ends the command with a sentence instead of a stack. */
export function fail(text) {
  console.error(`\n${text}`);
  process.exit(1);
}

/** Runs a command with its output shown; true when it ended with 0. */
export function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    ...options,
  });
  if (error) console.error(error.message);
  return status === 0;
}

/** npm of the Node.js that runs this, wherever it is. */
export function npm(args, options = {}) {
  const own = process.env.npm_execpath;
  if (own?.endsWith('.js')) return run(process.execPath, [own, ...args], options);
  return run(process.platform === 'win32' ? 'npm.cmd' : 'npm', args, {
    shell: process.platform === 'win32',
    ...options,
  });
}

/** Stops with a sentence where Node.js is too old for the package. */
export function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19))
    fail(`Node.js 20.19 or newer is needed; this is ${process.version}.`);
}

/** Installs the dependencies of a folder when they are missing or the lock file changed since. */
export function install(folder = root) {
  const lock = join(folder, 'package-lock.json');
  const installed = join(folder, 'node_modules', '.package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  if (existsSync(installed) && sameLock(lock, installed)) return;
  say(
    folder === root
      ? 'installing the dependencies'
      : `installing the dependencies of ${folder.slice(root.length + 1)}`,
  );
  if (!npm(['ci', '--no-audit', '--no-fund', '--loglevel', 'error'], { cwd: folder }))
    fail('npm ci did not work: see above.');
}

/** A fresh checkout's lock file is always newer; what counts is whether it asks for something else. */
function sameLock(lock, installed) {
  const wanted = JSON.parse(readFileSync(lock, 'utf8')).packages;
  const there = JSON.parse(readFileSync(installed, 'utf8')).packages;
  return (
    Object.entries(there).every(([path, { version }]) => wanted[path]?.version === version) &&
    Object.entries(wanted).every(([path, entry]) => path === '' || entry.optional || there[path])
  );
}

const sources = [
  'lib',
  'red',
  'nodes',
  'simulators',
  'editor',
  'pages',
  'icons',
  'build.mjs',
  'package.json',
  'tsconfig.json',
];
const stamp = join(root, 'build', 'built');

function newest(path) {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  // the folder's own time tells of removed files
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

/** Builds when a source is newer than the last build, or always with `force`. Returns whether the build is good. */
export function build({ force = false } = {}) {
  const from = Math.max(...sources.map((name) => newest(join(root, name))));
  const fresh =
    existsSync(stamp) && existsSync(join(root, 'dist')) && Number(readFileSync(stamp, 'utf8')) >= from;
  if (fresh && !force) return true;
  say('building');
  if (!run(process.execPath, ['build.mjs'])) return false;
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, String(from));
  return true;
}

/** Where a program is, or null. Looks where root's tools are too. */
export function findProgram(name) {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'];
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file)) ?? null;
}

/** Starts a command with its output shown and gives the child. */
export function start(command, args, options = {}) {
  return spawn(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], ...options });
}
