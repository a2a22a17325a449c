// npm run test:public-tools: a witness log as tiles, and proofs of its entries, checked with the Go project's own code for its checksum database
// (golang.org/x/mod, from Debian's packages). Nothing of ours takes part in the check.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build, checkNode, fail, findProgram, install, root, run, say } from './common.mjs';

const packages = ['golang-go', 'golang-golang-x-mod-dev'];
const gopath = '/usr/share/gocode';
const folder = join(root, 'build', 'public-tools');
const entries = 700;
const proved = [0, 255, 256, 600];

checkNode();
install();
build();
if (!findProgram('go') || !existsSync(join(gopath, 'src', 'golang.org', 'x', 'mod'))) {
  if (process.getuid?.() !== 0 || !findProgram('apt-get'))
    fail(`This needs ${packages.join(' and ')}, from Debian or Ubuntu.`);
  say(`installing ${packages.join(' and ')}`);
  if (!run('apt-get', ['install', '-y', '--no-install-recommends', ...packages]))
    fail('apt-get did not work: see above.');
}

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const vkey = await write(join(folder, 'log'));
const live = (...words) => {
  const args = [join(root, 'dist', 'lib', 'witness', 'command', 'main.js'), ...words];
  if (!run(process.execPath, args)) fail(`live-witness ${words[0]} did not work: see above.`);
};
say('tiles and proofs');
live('tiles', join(folder, 'log'), '--vkey', vkey, '--out', join(folder, 'tiles'));
const lines = readFileSync(join(folder, 'log', '000000000000.jsonl'), 'utf8').split('\n');
const proofs = proved.flatMap((seq) => {
  const [proof, line] = [join(folder, `${seq}.tlog-proof`), join(folder, `${seq}.line`)];
  live('prove', join(folder, 'log'), String(seq), '--vkey', vkey, '--out', proof);
  writeFileSync(line, lines[seq]);
  return [proof, line];
});

say('the check, by golang.org/x/mod/sumdb');
const checker = join(folder, 'check');
const go = { env: { ...process.env, GO111MODULE: 'off', GOPATH: gopath, GOFLAGS: '' } };
if (!run('go', ['build', '-o', checker, join(root, 'test', 'oracle', 'go', 'check.go')], go))
  fail('the checker could not be built: see above.');
if (!run(checker, [vkey, join(folder, 'tiles'), ...proofs])) fail('A public tool finds this log not valid.');

say('and with one bit of one entry changed');
const bundle = join(folder, 'tiles', 'tile', 'entries', '001');
const bytes = readFileSync(bundle);
bytes[bytes.length >> 1] ^= 1;
writeFileSync(bundle, bytes);
if (spawnSync(checker, [vkey, join(folder, 'tiles')], { stdio: 'inherit' }).status !== 1)
  fail('The change was not found.');
console.log('\nVALID by public tools, and a changed bit is found.');

/** A log made by the writer itself; its public key. */
async function write(path) {
  const require = createRequire(import.meta.url);
  const { WitnessLog } = require('../dist/lib/witness/store/log.js');
  const { generateSeed, signerOf } = require('../dist/lib/witness/keys.js');
  const { project } = require('../dist/lib/witness/project.js');
  const signer = signerOf('studio.example/live-witness/public', generateSeed());
  const log = await WitnessLog.open(path, {
    origin: signer.verifier.name,
    signer,
    stateFolder: join(folder, 'state'),
    software: 'public-tools',
  });
  for (let n = 0; n < entries; n++) await log.append('message', project({ payload: { n } }), '{}').done;
  await log.close();
  return signer.verifier.text;
}
