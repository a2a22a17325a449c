// The command live-witness: what it says and how it ends, in this process and as a program of its own.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../lib/witness/command/run';
import { printable, printableField } from '../../lib/witness/command/terminal';
import { parseSigner, parseVerifier } from '../../lib/witness/keys';
import { tempDir } from '../support/temp';
import { writtenLog, type WriteOptions } from '../support/written-log';

const PROGRAM = join(__dirname, '..', '..', 'dist', 'lib', 'witness', 'command', 'main.js');
const home = tempDir('command');
let made = 0;
const fresh = (name: string) => join(home, `${++made}-${name}`);

/** A log of an evening in a folder of its own. */
function evening(count = 20, options: WriteOptions = {}) {
  const entries = Array.from({ length: count }, (_, at) => ({
    type: at % 2 ? 'stream_started' : 'scene_changed',
    data: { payload: { scene: `scene ${at}` }, topic: 'show' },
    src: { name: 'witness', node: 'n1' },
  }));
  const log = writtenLog(entries, { segment: 8, signedAt: [5], ...options });
  return { ...log, folder: log.put(fresh('log')) };
}

/** Run a command here. */
async function command(...args: string[]) {
  let [out, errors] = ['', ''];
  const status = await run(args, {
    out: (text) => {
      out += printable(text);
      return Promise.resolve();
    },
    error: (text) => {
      errors += `${printable(text)}\n`;
      return Promise.resolve();
    },
    gone: false,
    now: () => Date.parse('2026-11-20T20:00:00Z'),
  });
  return { status, out, errors };
}

/** Run it as a program. `head`: close its output after the first bytes; `full`: its output goes to a disk that is full. */
function program(
  args: string[],
  { head = false, full = false } = {},
): Promise<{ status: number | null; out: string; errors: string }> {
  return new Promise((done, failed) => {
    const output = full ? openSync('/dev/full', 'w') : 'pipe';
    const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', output, 'pipe'] });
    if (typeof output === 'number') closeSync(output);
    let [out, errors] = ['', ''];
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      if (head) child.stdout?.destroy();
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (errors += text));
    child.on('error', failed);
    child.on('close', (status) => done({ status, out, errors }));
  });
}

/** Change a file of a log in place. */
function change(file: string, to: (text: string) => string): void {
  writeFileSync(file, to(readFileSync(file, 'utf8')));
}

describe('live-witness', () => {
  it('says how it is used, for itself and for each command', async () => {
    const { status, out } = await command('--help');
    assert.equal(status, 0);
    const names = [...out.matchAll(/^ {2}([a-z-]+) /gm)].map(([, name]) => name ?? '');
    assert.deepEqual(names.sort(), [
      'check-proof',
      'checkpoint',
      'cosign',
      'export',
      'keygen',
      'prove',
      'report',
      'show',
      'tiles',
      'verify',
    ]);
    for (const name of names) {
      const help = await command(name, '--help');
      assert.equal(help.status, 0, name);
      assert.match(help.out, new RegExp(`usage: live-witness ${name} `));
      assert.match(help.out, /exit status: 0 valid, 1 tampered or corrupt, 2 cannot be established, 3 /);
      assert.equal((await command(name, '-h')).out, help.out);
    }
  });

  it('ends with 3 for everything it does not understand, and says what', async () => {
    const { folder, vkey } = evening();
    const wrong: [RegExp, ...string[]][] = [
      [/say what to do/],
      [/"explode" is not one of/, 'explode'],
      [/Unknown option '--bogus'/, 'verify', folder, '--bogus'],
      [/DIR, the folder of the log, is missing/, 'verify'],
      [/one argument too many/, 'verify', folder, folder],
      [/no public key/, 'verify', folder, '--vkey', 'key'],
      [/--quorum wants a number from 1 to the 0/, 'verify', folder, '--quorum', '1'],
      [/--max-age wants a time/, 'verify', folder, '--max-age', 'soon'],
      [/--origin is given twice/, 'verify', folder, '--origin', 'a', '--origin', 'b'],
      [/--origin is empty/, 'verify', folder, '--origin='],
      [/could not be read/, 'verify', folder, '--trusted', fresh('none')],
      [/--limit wants a whole number/, 'show', folder, '--limit=-0'],
      [/wrong from/, 'show', folder, '--from', 'yesterday'],
      [/There is no witness log/, 'show', fresh('none')],
      [/SEQ, the number of the entry, is missing/, 'prove', folder, '--vkey', vkey],
      [/SEQ wants a whole number/, 'prove', folder, '1.5'],
      [/no entry 999/, 'prove', folder, '999', '--vkey', vkey],
      [/could not be read/, 'check-proof', fresh('none')],
      [/--out is missing/, 'tiles', folder],
      [/--name is missing/, 'keygen', '--out', fresh('key')],
      [/--name takes no spaces/, 'keygen', '--name', 'a b', '--out', fresh('key')],
      [/--for wants log or cosigner/, 'keygen', '--name', 'a', '--for', 'fun', '--out', fresh('key')],
    ];
    for (const [message, ...args] of wrong) {
      const { status, out, errors } = await command(...args);
      assert.match(errors, message, args.join(' '));
      assert.equal(status, 3, args.join(' '));
      assert.equal(out, '', args.join(' '));
    }
  });

  describe('verify', () => {
    it('tells valid, tampered and not established apart, in words and by its status', async () => {
      const { folder, vkey, files } = evening();
      const known = ['--vkey', vkey];
      assert.equal((await command('verify', folder)).status, 2);
      const valid = await command('verify', folder, ...known, '--origin', 'studio.example/live-witness/main');
      assert.deepEqual([valid.status, valid.errors], [0, '']);
      assert.match(valid.out, /^VALID: This is the log that was written: 24 entries/);
      const other = writtenLog([], { seed: Buffer.alloc(32, 9) }).vkey;
      assert.equal((await command('verify', folder, '--vkey', other)).status, 1);
      assert.equal((await command('verify', folder, '--vkey', other, ...known)).status, 0);
      assert.equal((await command('verify', folder, ...known, '--origin', 'another')).status, 1);
      assert.equal((await command('verify', folder, ...known, '--max-age', '1h')).status, 0);
      assert.equal((await command('verify', folder, ...known, '--max-age', '1s')).status, 2);
      assert.equal((await command('verify', fresh('none'), ...known)).status, 2);
      change(join(folder, '000000000008.jsonl'), (text) => text.replace('scene 10', 'scene 11'));
      const tampered = await command('verify', folder, ...known);
      assert.equal(tampered.status, 1);
      assert.match(tampered.out, /^TAMPERED: /);
      const second = files.get('000000000008.jsonl')!;
      // those behind it follow from another one
      const offset = second.toString().split('\n').slice(0, 4).join('\n').length + 1;
      assert.match(tampered.out, new RegExp(`\\(entry 12, 000000000008\\.jsonl byte ${offset}\\)`));
      const json = JSON.parse((await command('verify', folder, ...known, '--json')).out) as object;
      assert.equal('broken_at' in json && json.broken_at, 12);
    });

    it('takes checkpoints from outside, and notices a log that was put back', async () => {
      const { folder, notes, lines } = evening();
      const note = fresh('note');
      writeFileSync(note, notes.at(-1)!);
      assert.equal((await command('verify', folder, '--trusted', note)).status, 0);
      // a mail that was answered, with another checkpoint in the answer
      const [early = ''] = notes;
      const quoted = `Dear all,\r\n\r\n${notes.at(-1)!.replaceAll('\n', '  \r\n')}\r\nBest\r\n${early
        .split('\n')
        .map((line) => `> ${line}`)
        .join('\r\n')}\r\n> bye`;
      writeFileSync(note, quoted);
      const mailed = await command('verify', folder, '--trusted', note, '--json');
      assert.equal(mailed.status, 0, mailed.out);
      assert.equal((JSON.parse(mailed.out) as { trusted_size: number }).trusted_size, lines.length);
      const shorter = evening(10, { closed: false });
      assert.ok(shorter.lines.length < lines.length);
      assert.equal((await command('verify', shorter.folder, '--trusted', note)).status, 1);
    });
  });

  it('show: entries by type, time and number, one a line', async () => {
    const { folder, lines, hashes } = evening();
    const listed = (text: string) => text.split('\n').slice(0, -1);
    assert.equal(listed((await command('show', folder)).out).length, 20);
    assert.equal(listed((await command('show', folder, '--own')).out).length, lines.length);
    assert.equal(listed((await command('show', folder, '--type', 'stream_*')).out).length, 10);
    assert.equal(listed((await command('show', folder, '--limit', '3', '--after', '5')).out).length, 3);
    const timed = await command(
      'show',
      folder,
      '--from',
      '2026-11-20T19:00:03Z',
      '--to',
      '2026-11-20T19:00:04Z',
    );
    assert.deepEqual(
      listed(timed.out).map((line) => line.trim().split(' ')[0]),
      ['3', '4'],
    );
    const [first = ''] = listed((await command('show', folder, '--json', '--limit', '1')).out);
    const { seq, hash, entry } = JSON.parse(first) as { seq: number; hash: string; entry: unknown };
    assert.deepEqual([seq, hash], [2, hashes[2]!.toString('hex')]);
    assert.deepEqual(entry, JSON.parse(lines[2]!.toString()));
    // up to the first line that is none, and then that
    change(join(folder, '000000000000.jsonl'), (text) => text.replace('"scene 5"', '"scene 5'));
    const damaged = await command('show', folder);
    assert.equal(damaged.status, 1);
    assert.equal(listed(damaged.out).length, 5);
    assert.match(damaged.errors, /Entry 7 .* cannot be read \(000000000000\.jsonl, byte \d+\)/);
  });

  it('lets nothing of a log steer the terminal, or hide', async () => {
    const nasty = '\u001b[2J\u0007\u009b31m\u202egnp\u2028\u200b\r\nVALID: forged \u{e0041}';
    const log = writtenLog([
      { type: 'message', data: { payload: nasty, topic: nasty }, src: { name: nasty, node: nasty } },
    ]);
    const folder = log.put(fresh('nasty'));
    writeFileSync(join(folder, 'e\u001b[31m'), '');
    const clean = /^[\n\x20-\x7e\u2026\u2014]*$/;
    for (const args of [
      ['show', folder],
      ['show', folder, '--json'],
      ['verify', folder],
      ['verify', folder, '--json'],
    ]) {
      const { out, errors } = await command(...args);
      assert.match(out + errors, clean, JSON.stringify(out + errors));
      assert.doesNotMatch(out, /^VALID/m);
    }
    assert.equal((await command('show', folder)).out.split('\n').length, 2);
    const [line = ''] = (await command('show', folder, '--json')).out.split('\n');
    const { entry } = JSON.parse(line) as { entry: { data: { payload: string } } };
    assert.equal(entry.data.payload, nasty);
    const { errors } = await command('verify', '/\u001b[2J', '--vkey', '\u001b[2J');
    assert.match(errors, clean);
    assert.equal(printable('Ünïcödé 🎬 日本\n'), 'Ünïcödé 🎬 日本\n');
    assert.equal(printableField('a\nb'), 'a\\nb');
  });

  it('prove and check-proof: one file for somebody who has only the key', async () => {
    const { folder, vkey, lines, origin } = evening();
    const known = ['--vkey', vkey];
    const file = fresh('one.tlog-proof');
    assert.equal((await command('prove', folder, '7', ...known, '--out', file)).status, 0);
    const valid = await command('check-proof', file, ...known, '--origin', origin);
    assert.equal(valid.status, 0, valid.out);
    assert.match(valid.out, /^VALID: Entry 7 stands in the log/);
    assert.match(valid.out, /scene 5/);
    assert.equal((await command('check-proof', file)).status, 2);
    const other = writtenLog([], { seed: Buffer.alloc(32, 9) }).vkey;
    assert.equal((await command('check-proof', file, '--vkey', other)).status, 1);
    assert.equal((await command('check-proof', file, ...known, '--origin', 'another')).status, 1);
    // the line beside a proof that does not carry it
    const bare = fresh('bare.tlog-proof');
    assert.equal((await command('prove', folder, '7', ...known, '--bare', '--out', bare)).status, 0);
    const [own, next] = [fresh('line'), fresh('line')];
    writeFileSync(own, `${lines[7]!.toString()}\n`);
    writeFileSync(next, lines[8]!);
    assert.equal((await command('check-proof', bare, ...known)).status, 3);
    assert.equal((await command('check-proof', bare, ...known, '--entry', own)).status, 0);
    assert.equal((await command('check-proof', bare, ...known, '--entry', next)).status, 1);
    assert.equal((await command('check-proof', file, ...known, '--entry', next)).status, 1);
    change(file, (text) => text.replace('index 7', 'index 6'));
    assert.equal((await command('check-proof', file, ...known)).status, 1);
    // nothing is proved of what was changed
    change(join(folder, '000000000000.jsonl'), (text) => text.replace('scene 5', 'scene 6'));
    const refused = await command('prove', folder, '9', ...known);
    assert.deepEqual([refused.status, refused.out], [1, '']);
  });

  it('checkpoint: the newest one, as it goes into a mail', async () => {
    const { folder, vkey, notes } = evening();
    assert.deepEqual(await command('checkpoint', folder, '--vkey', vkey), {
      status: 0,
      out: notes.at(-1),
      errors: '',
    });
    const file = fresh('note');
    assert.equal((await command('checkpoint', folder, '--out', file)).status, 2);
    assert.equal(readFileSync(file, 'utf8'), notes.at(-1));
    mkdirSync(fresh('x'));
    assert.equal((await command('checkpoint', join(home, `${made}-x`))).status, 2);
  });

  it('tiles: a folder for public tools', async () => {
    const { folder, vkey } = evening(300);
    const out = fresh('tiles');
    const told = await command('tiles', folder, '--vkey', vkey, '--out', out);
    assert.deepEqual([told.status, told.errors], [0, '']);
    for (const file of ['checkpoint', 'tile/0/000', 'tile/0/001.p/48', 'tile/1/000.p/1', 'tile/entries/000'])
      assert.ok(existsSync(join(out, file)), file);
    assert.equal((await command('tiles', folder, '--vkey', vkey, '--out', out)).status, 3);
  });

  it('keygen: a secret in a new file that only its owner can read, and never on the terminal', async () => {
    const file = fresh('key');
    const { status, out, errors } = await command('keygen', '--name', 'studio.example/b', '--out', file);
    assert.deepEqual([status, errors], [0, '']);
    const secret = readFileSync(file, 'utf8');
    const signer = parseSigner(secret.trim());
    assert.equal(signer?.verifier.text, out.trim());
    assert.ok(!out.includes(secret.trim().split('+').at(-1)!));
    if (process.platform !== 'win32') assert.equal(statSync(file).mode & 0o777, 0o600);
    const again = await command('keygen', '--name', 'studio.example/b', '--out', file);
    assert.equal(again.status, 3);
    assert.match(again.errors, /there already/);
    assert.equal(readFileSync(file, 'utf8'), secret);
    const cosigner = await command('keygen', '--name', 'c', '--for', 'cosigner', '--out', fresh('key'));
    assert.equal(parseVerifier(cosigner.out.trim())?.type, 4);
  });

  it('cosign: only a log that has grown since the last time', async () => {
    const [before, after] = [evening(10, { closed: false }), evening(20, { signedAt: [] })];
    const [key, state] = [fresh('key'), fresh('state')];
    const cosigner = (await command('keygen', '--name', 'b', '--for', 'cosigner', '--out', key)).out.trim();
    const known = ['--vkey', before.vkey];
    const own = ['--key', key, '--state', state, ...known];
    const cosigned = fresh('cosigned');
    const note = join(before.folder, 'checkpoint');
    assert.equal((await command('cosign', note, ...own, '--out', cosigned)).status, 0);
    assert.ok(readFileSync(cosigned, 'utf8').startsWith(readFileSync(note, 'utf8')));
    // the same again, without any proof
    assert.equal((await command('cosign', before.folder, ...own)).status, 0);
    // what the log makes of it
    const quorum = [...known, '--cosigner', cosigner];
    assert.equal((await command('verify', before.folder, ...quorum)).status, 2);
    writeFileSync(note, readFileSync(cosigned));
    assert.equal((await command('verify', before.folder, ...quorum)).status, 0);
    // it has grown: by the log itself, or by a proof made where it is
    const newer = join(after.folder, 'checkpoint');
    const needs = await command('cosign', newer, ...own);
    assert.equal(needs.status, 3);
    assert.match(needs.errors, /12 entries of this log are countersigned: give --log or --proof/);
    const proof = fresh('proof');
    assert.equal(
      (await command('prove', after.folder, '--consistency', '12', ...known, '--out', proof)).status,
      0,
    );
    assert.equal((await command('cosign', newer, ...own, '--proof', proof)).status, 0);
    assert.equal((await command('cosign', newer, ...own, '--log', after.folder)).status, 0);
    // an older one, another log of the same key, another key
    assert.equal((await command('cosign', note, ...own)).status, 2);
    const forked = evening(30, { logId: 'cd'.repeat(16) });
    const refused = await command('cosign', forked.folder, ...own);
    assert.equal(refused.status, 1, refused.errors);
    const stranger = evening(30, { seed: Buffer.alloc(32, 5) });
    assert.equal((await command('cosign', stranger.folder, ...own)).status, 1);
    const secret = readFileSync(key, 'utf8').trim().split('+').slice(4).join('+');
    assert.ok(!JSON.stringify([needs, refused]).includes(secret));
    assert.equal((await command('cosign', note, '--key', note, '--state', state, ...known)).status, 3);
  });

  it('export: entries with what a verification says, and its verdict as status', async () => {
    const { folder, vkey, lines } = evening();
    const read = async (...args: string[]) => {
      const { status, out } = await command('export', folder, ...args);
      return { status, data: JSON.parse(out) as { valid: boolean; total_events: number; events: unknown[] } };
    };
    const all = await read('--vkey', vkey);
    assert.deepEqual([all.status, all.data.valid, all.data.total_events], [0, true, lines.length]);
    assert.equal(all.data.events.length, lines.length);
    const some = await read('--vkey', vkey, '--type', 'stream_*', '--limit', '4', '--proofs');
    assert.equal(some.data.events.length, 4);
    assert.ok('proof' in (some.data.events[0] as object));
    assert.equal((await read()).status, 2);
    const file = fresh('export.json');
    assert.equal((await command('export', folder, '--vkey', vkey, '--out', file)).status, 0);
    assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), all.data);
    if (!existsSync('/dev/full')) return;
    const full = await program(['export', folder, '--vkey', vkey], { full: true });
    assert.equal(full.status, 3);
    assert.match(full.errors, /the output could not be written: ENOSPC/);
  });

  it('report: as page, mail or data, also of a log that was changed', async () => {
    const { folder, vkey } = evening();
    const known = ['--vkey', vkey];
    const text = await command('report', folder, ...known, '--title', 'The evening');
    assert.deepEqual([text.status, text.errors], [0, '']);
    assert.match(text.out, /./);
    const page = fresh('report.html');
    assert.equal((await command('report', folder, ...known, '--out', page)).status, 0);
    assert.match(readFileSync(page, 'utf8'), /^<!doctype html>/i);
    const data = await command('report', folder, ...known, '--format', 'json', '--title', 'The evening');
    assert.equal((JSON.parse(data.out) as { title: string }).title, 'The evening');
    assert.equal((await command('report', folder, ...known, '--format', 'pdf')).status, 3);
    assert.equal((await command('report', folder, ...known, '--time-zone', 'Mars')).status, 3);
    assert.equal((await command('report', folder, ...known, '--from', 'noon')).status, 3);
    change(join(folder, '000000000008.jsonl'), (lines) => lines.replace('"v":1}', '"v":1 }'));
    const changed = await command('report', folder, ...known, '--format', 'json');
    assert.equal(changed.status, 1);
    assert.equal((JSON.parse(changed.out) as { entries: number }).entries, 8);
  });

  it('writes over no file', async () => {
    const { folder, vkey } = evening();
    const file = fresh('kept');
    writeFileSync(file, 'mine');
    const { status, errors } = await command('checkpoint', folder, '--vkey', vkey, '--out', file);
    assert.equal(status, 3);
    assert.match(errors, /left as it is/);
    assert.equal(readFileSync(file, 'utf8'), 'mine');
  });

  it('is a program that ends by itself, with its status, also when nobody reads on', async () => {
    const { folder, vkey } = evening(3000);
    if (process.platform !== 'win32') assert.ok(statSync(PROGRAM).mode & 0o100, 'not executable');
    assert.match(readFileSync(PROGRAM, 'utf8'), /^#!\/usr\/bin\/env node\n/);
    const [valid, unknown, usage, head] = await Promise.all([
      program(['verify', folder, '--vkey', vkey]),
      program(['verify', folder]),
      program(['verify', folder, '--nonsense']),
      program(['show', folder], { head: true }),
    ]);
    assert.deepEqual([valid.status, valid.errors], [0, '']);
    assert.equal(unknown.status, 2);
    assert.deepEqual([usage.status, usage.out], [3, '']);
    assert.match(usage.errors, /^live-witness: Unknown option '--nonsense'/);
    assert.deepEqual([head.status, head.errors], [0, '']);
    change(join(folder, '000000000000.jsonl'), (text) => text.replace('scene 1', 'scene 7'));
    // the verdict counts, even where nobody reads it
    const tampered = await program(['verify', folder, '--vkey', vkey], { head: true });
    assert.deepEqual([tampered.status, tampered.errors], [1, '']);
  });
});
