// npm run test:obs-versions: the contract ring on newer OBS too, each from a Debian of its own in build/obs-versions.
// `npm run test:obs-versions -- trixie` runs one of them. Root on Debian only; about 1.2 GB and 75 s for each folder.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { build, checkNode, fail, findProgram, install, root, run, say } from './common.mjs';

const suites = { trixie: 'OBS 30.2', sid: 'OBS 32.2' };
const packages = ['obs-studio', 'obs-plugins', 'libgl1', 'libgl1-mesa-dri', 'dbus-x11', 'ca-certificates'];
const folder = join(root, 'build', 'obs-versions');

const words = process.argv.slice(2);
const chosen = words.length > 0 ? words : Object.keys(suites);
if (chosen.some((name) => !(name in suites))) fail(`Choose from: ${Object.keys(suites).join(', ')}.`);
if (process.platform !== 'linux' || process.getuid() !== 0 || !findProgram('apt-get'))
  fail(
    'This needs root on Debian: it makes small Debian systems in build/obs-versions and mounts /proc, /dev and /tmp there.',
  );

// The mounts live in a namespace of this command's own and go when it goes: one that stayed behind in build/ would hand
// /tmp and /dev of the machine to whoever removes that folder.
if (!process.env.LIVE_OWN_MOUNTS) {
  const args = [
    '--mount',
    '--propagation',
    'private',
    process.execPath,
    fileURLToPath(import.meta.url),
    ...words,
  ];
  const child = spawn('unshare', args, { stdio: 'inherit', env: { ...process.env, LIVE_OWN_MOUNTS: '1' } });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  const status = await new Promise((done) => child.once('exit', (code) => done(code ?? 1)));
  process.exit(status);
}

/** Where this machine's own apt fetches from, so that a mirror chosen for it serves here too; else debootstrap's own. */
function mirror() {
  const text = ['/etc/apt/sources.list', '/etc/apt/sources.list.d/debian.sources']
    .filter((file) => existsSync(file))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
  return /https?:\/\/\S+?\/debian\/?(?=\s)/.exec(text)?.slice(0, 1) ?? [];
}

const mountsIn = (path) =>
  readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((target) => target.startsWith(`${path}/`))
    .reverse();

function unmount(path) {
  for (const target of mountsIn(path)) run('umount', ['--lazy', target]);
}

/** /tmp is shared, so that homes, recordings and the screen's socket have the same path on both sides. */
function mount(path) {
  for (const name of ['proc', 'dev', 'tmp']) {
    const target = join(path, name);
    mkdirSync(target, { recursive: true });
    if (!run('mount', ['--bind', `/${name}`, target])) fail(`mount ${target} did not work.`);
  }
}

function prepare(suite) {
  const path = join(folder, suite);
  unmount(path);
  if (existsSync(join(path, 'usr', 'bin', 'obs'))) return path;
  say(`making a Debian ${suite} with ${suites[suite]}`);
  const partial = `${path}.partial`;
  unmount(partial);
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const inside = (...command) =>
    run('chroot', [partial, ...command], {
      env: { PATH: process.env.PATH, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' },
    });
  const made = run('debootstrap', ['--variant=minbase', suite, partial, ...mirror()]);
  let good = made;
  if (made) {
    mount(partial);
    // a mirror may be older than sid's lists want to be; they are signed all the same
    good =
      inside('apt-get', 'update', '-qq', '-o', 'Acquire::Check-Valid-Until=false') &&
      inside('apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...packages);
    inside('apt-get', 'clean');
    unmount(partial);
  }
  if (!good) fail(`The Debian ${suite} could not be made: see above.`);
  renameSync(partial, path);
  return path;
}

checkNode();
install();
const { installPrograms } = await import('./programs.mjs');
const missing = installPrograms();
if (missing.length > 0) fail(`Not installed: ${missing.join(' ')}`);
if (!findProgram('debootstrap')) run('apt-get', ['install', '-y', '-qq', 'debootstrap']);
if (!build()) fail('The build failed: see above.');
const { rings, runRings } = await import('./rings.mjs');

const lines = [];
let failures = 0;
for (const suite of chosen) {
  const path = prepare(suite);
  mount(path);
  say(`contract ring on ${suites[suite]} (Debian ${suite})`);
  try {
    const ring = rings.find(({ name }) => name === 'contract');
    const [{ result }] = await runRings([{ ...ring, name: `contract-${suite}` }], {
      of: () => ({ env: { LIVE_OBS_ROOT: path } }),
    });
    for (const { title, message } of result.failed) lines.push(`  ${title}: ${message.split('\n')[0]}`);
    for (const { title, reason } of result.notApplicable) lines.push(`  not applicable: ${title}: ${reason}`);
    failures += result.failed.length;
    lines.push(
      `${suites[suite]}: ${result.passed.length} passed, ${result.failed.length} failed, ${result.skipped.length} skipped`,
    );
  } finally {
    unmount(path);
  }
}
console.log(`\n${lines.join('\n')}`);
process.exitCode = failures > 0 ? 1 : 0;
