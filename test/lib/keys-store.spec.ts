// The key store on a disk: what it keeps, what it never shows, and what becomes of a file that is damaged, in use, or put back.
import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Backoff } from '../../lib/connection/backoff';
import { nodeFiles } from '../../lib/durable/files';
import { lockFolder } from '../../lib/durable/lock';
import type { LiveError } from '../../lib/errors';
import { hashKey } from '../../lib/keys/secret';
import { StoredKeys, type KeyStoreOptions } from '../../lib/keys/store';
import { parsePublished } from '../../lib/keys/names';
import { isHeld, redactText } from '../../lib/secrets';
import { tempDir, waitFor } from '../support';

describe('a key store', () => {
  let path: string;
  let warned: LiveError[];
  let open: StoredKeys[];
  beforeEach(() => {
    path = join(tempDir('keys'), 'below', 'people.json');
    warned = [];
    open = [];
  });
  afterEach(async () => {
    for (const store of open) await store.close();
  });

  const store = (more: Partial<KeyStoreOptions> = {}): StoredKeys => {
    const made = new StoredKeys({
      path,
      mostPeople: 100,
      warn: (error) => warned.push(error),
      backoff: new Backoff(Math.random, 10, 1, 10),
      ...more,
    });
    open.push(made);
    return made;
  };
  const reopened = async (of: StoredKeys): Promise<StoredKeys> => {
    await of.close();
    const next = store();
    await next.opened();
    return next;
  };
  const keyIn = (streamKey: string): string => parsePublished(streamKey).args.get('key')!;
  const folder = (): string => join(path, '..');
  const asides = (): string[] => readdirSync(folder()).filter((name) => name.includes('unreadable'));

  it('keeps people over a restart, and their keys only as a salted hash', async () => {
    const at = Date.UTC(2026, 10, 20, 19);
    const first = store({ clock: () => at });
    const { person, streamKey } = await first.create({
      name: 'Anna & Bö',
      limitMs: 300_000,
      priority: 2,
      metadata: { song: 'Blue' },
    });
    assert.deepEqual(person, {
      id: 'anna-bo',
      name: 'Anna & Bö',
      createdAt: '2026-11-20T19:00:00.000Z',
      keyChangedAt: '2026-11-20T19:00:00.000Z',
      active: true,
      limitMs: 300_000,
      priority: 2,
      metadata: { song: 'Blue' },
      origin: 'flow',
    });
    assert.match(streamKey, /^anna-bo\?key=[a-z2-7]{32}$/);
    const key = keyIn(streamKey);
    assert.deepEqual(first.check(streamKey, null), { ok: true, person });
    assert.deepEqual(first.check('anna-bo', key), { ok: true, person });

    const text = readFileSync(path, 'utf8');
    assert.ok(!text.includes(key) && !text.includes(Buffer.from(key).toString('base64')));
    if (process.platform !== 'win32') {
      assert.equal(statSync(path).mode & 0o777, 0o600);
      assert.equal(statSync(folder()).mode & 0o777, 0o700);
    }
    await first.close();
    const second = store();
    // right from the very first moment, before the lock is had
    assert.deepEqual(second.check(streamKey, null), { ok: true, person });
    await second.opened();
    assert.deepEqual(second.list(), [person]);
    assert.deepEqual(second.get('anna-bo'), person);
    assert.deepEqual(warned, []);
  });

  it('says why somebody may not publish, with one hash whoever asks', async () => {
    let hashes = 0;
    const keys = store({ hash: (salt, key) => (hashes++, hashKey(salt, key)) });
    const { streamKey } = await keys.create({ name: 'Anna' });
    const key = keyIn(streamKey);
    await keys.create({ name: 'Bert', active: false, id: 'bert' });
    const bert = keyIn((await keys.rotate('bert')).streamKey);
    for (const [name, given, why] of [
      ['anna', key, null],
      ['anna', ` ${key}\n`, null],
      [streamKey, null, null],
      [`anna?x=1&key=${key}`, null, null],
      ['anna', null, 'no-key'],
      ['anna', '', 'no-key'],
      ['anna?key=', null, 'no-key'],
      ['anna', bert, 'wrong-key'],
      ['anna', key.toUpperCase(), 'wrong-key'],
      ['anna', key + key, 'wrong-key'],
      // a key that is given beside the name counts, not the one in it
      [streamKey, 'other', 'wrong-key'],
      ['ANNA', key, 'unknown'],
      ['anna ', key, 'unknown'],
      ['%61nna', key, 'unknown'],
      ['nobody', key, 'unknown'],
      ['nobody', null, 'no-key'],
      ['__proto__', key, 'unknown'],
      ['bert', bert, 'inactive'],
      ['bert', key, 'wrong-key'],
    ] as const) {
      hashes = 0;
      const verdict = keys.check(name, given);
      assert.equal(verdict.ok ? null : verdict.why, why, `${name} ${given}`);
      assert.equal(hashes, 1, name);
    }
  });

  it('gives a new key for an old one, changes and removes people, and tells whom', async () => {
    let keys = store();
    const told: string[] = [];
    keys.onChange((id) => told.push(id));
    const { streamKey } = await keys.create({ name: 'Anna' });
    const rotated = await keys.rotate('anna');
    assert.notEqual(rotated.streamKey, streamKey);
    assert.equal(keys.check(streamKey, null).ok, false);
    assert.equal(keys.check(rotated.streamKey, null).ok, true);
    const changed = await keys.change('anna', {
      name: ' Anna B. ',
      active: false,
      limitMs: 60_000,
      priority: 3,
    });
    assert.deepEqual(
      [changed.name, changed.active, changed.limitMs, changed.priority],
      ['Anna B.', false, 60_000, 3],
    );
    assert.deepEqual(await keys.change('anna', { active: false }), changed);
    assert.deepEqual(told, ['anna', 'anna', 'anna'], 'what changes nothing is not told');
    keys = await reopened(keys);
    assert.deepEqual(keys.get('anna'), changed);
    assert.equal((await keys.change('anna', { limitMs: null })).limitMs, null);
    assert.equal(await keys.remove('anna'), true);
    assert.equal(await keys.remove('anna'), false);
    assert.equal(keys.check(rotated.streamKey, null).ok, false);
    for (const work of [keys.rotate('anna'), keys.change('anna', { active: true })])
      await assert.rejects(work, { code: 'KEYS_UNKNOWN' });
    keys = await reopened(keys);
    assert.deepEqual(keys.list(), []);
  });

  it('gives nobody the id of another, takes no more than it may, and nothing that does not fit', async () => {
    const keys = store({ mostPeople: 4 });
    const ids = (await Promise.all(['Anna', 'Anna', 'anna'].map((name) => keys.create({ name })))).map(
      ({ person }) => person.id,
    );
    assert.equal(new Set(ids).size, 3);
    assert.equal(ids[0], 'anna');
    await assert.rejects(keys.create({ name: 'X', id: 'anna' }), { code: 'KEYS_TAKEN' });
    for (const id of ['Anna', 'a b', '', '-a', 'a'.repeat(33), 'lead', '../x'])
      await assert.rejects(keys.create({ name: 'X', id }), { code: 'INPUT_INVALID' });
    for (const unfit of [
      { name: '' },
      { limitMs: 5 },
      { limitMs: NaN },
      { priority: 0.5 },
      { metadata: [] as never },
    ])
      await assert.rejects(keys.create({ name: 'X', ...unfit }), { code: 'INPUT_INVALID' });
    await keys.create({ name: 'X', id: 'x-1' });
    await assert.rejects(keys.create({ name: 'Y' }), { code: 'KEYS_FULL' });
    await keys.remove('x-1');
    await keys.create({ name: 'Y' });
  });

  it('writes changes that come together at once, and each in its turn', async () => {
    let writes = 0;
    const counting = {
      ...nodeFiles,
      rename: (from: string, to: string) => (writes++, nodeFiles.rename(from, to)),
    };
    const keys = store({ files: counting });
    await keys.create({ name: 'First' });
    writes = 0;
    const made = await Promise.all(Array.from({ length: 50 }, () => keys.create({ name: 'Guest' })));
    assert.ok(writes <= 3, `${writes} writes`);
    const next = await reopened(keys);
    for (const { streamKey } of made) assert.equal(next.check(streamKey, null).ok, true);
    assert.equal(next.list().length, 51);
  });

  it('hides a new key wherever text goes, until it opens nothing any more', async () => {
    const keys = store();
    const key = keyIn((await keys.create({ name: 'Anna' })).streamKey);
    assert.ok(isHeld(key));
    assert.ok(!redactText(`she typed ${key} into the chat`).includes(key));
    const next = keyIn((await keys.rotate('anna')).streamKey);
    assert.ok(!isHeld(key) && isHeld(next));
    await keys.remove('anna');
    assert.ok(!isHeld(next));
    const last = keyIn((await keys.create({ name: 'Bert' })).streamKey);
    await keys.close();
    assert.ok(!isHeld(last));
  });

  it('shows no key in any error', async () => {
    const full = Object.assign(new Error('no room'), { code: 'ENOSPC' });
    let fails = false;
    const keys = store({
      files: {
        ...nodeFiles,
        rename: (from, to) => (fails ? Promise.reject(full) : nodeFiles.rename(from, to)),
      },
      random: (count) => Buffer.alloc(count, 7),
    });
    const { streamKey, person } = await keys.create({ name: 'Anna' });
    fails = true;
    for (const work of [
      () => keys.rotate('anna'),
      () => keys.create({ name: 'Bert' }),
      () => keys.change('anna', { active: false }),
      () => keys.remove('anna'),
    ])
      await assert.rejects(work, (error: LiveError) => {
        assert.equal(error.code, 'KEYS_NOT_WRITTEN');
        assert.match(error.message, /the disk is full/);
        // each key is the same here, since chance is
        assert.ok(!JSON.stringify([error, error.message, error.stack]).includes(keyIn(streamKey)));
        return true;
      });
    assert.deepEqual(keys.list(), [person], 'what was not written was not done');
    assert.equal(keys.check(streamKey, null).ok, true);
    fails = false;
    assert.equal((await keys.change('anna', { active: false })).active, false);
    assert.deepEqual(readdirSync(folder()).sort(), ['lock', 'people.json']);
  });

  it('takes a change back that failed behind its name', async () => {
    let fails = false;
    const keys = store({
      files: {
        ...nodeFiles,
        syncFolder: (at) =>
          fails
            ? ((fails = false), Promise.reject(Object.assign(new Error(), { code: 'EIO' })))
            : nodeFiles.syncFolder(at),
      },
    });
    const { streamKey } = await keys.create({ name: 'Anna' });
    fails = true;
    await assert.rejects(keys.rotate('anna'), { code: 'KEYS_NOT_WRITTEN' });
    assert.equal((await reopened(keys)).check(streamKey, null).ok, true);
  });

  it('puts a file aside that is damaged, says so, and goes on', async () => {
    const keys = store();
    const { streamKey } = await keys.create({ name: 'Anna' });
    await keys.close();
    const good = readFileSync(path, 'utf8');
    const whole = JSON.parse(good) as { v: number; people: Record<string, unknown>[] };
    const tampered = (change: object): string =>
      JSON.stringify({ ...whole, people: [{ ...whole.people[0], ...change }] });
    const damaged = [
      '',
      '\0'.repeat(100),
      good.slice(0, -20),
      '[]',
      '{"v":1}',
      '{"v":0,"people":[]}',
      JSON.stringify({ v: 1, people: [whole.people[0], whole.people[0]] }),
      tampered({ id: '../../etc' }),
      tampered({ id: 'lead' }),
      tampered({ hash: 'AAAA' }),
      tampered({ salt: '' }),
      tampered({ active: 'yes' }),
      tampered({ name: 5 }),
      tampered({ createdAt: 'yesterday' }),
      tampered({ origin: 'nowhere' }),
      tampered({ limitMs: -1 }),
      tampered({}).replace('"metadata":{}', '"metadata":{"__proto__":{"x":1}}'),
    ];
    for (const text of damaged) {
      writeFileSync(path, text);
      warned = [];
      const before = asides().length;
      const next = store();
      assert.equal(next.check(streamKey, null).ok, false);
      await next.opened();
      assert.deepEqual(
        warned.map(({ code }) => code),
        ['KEYS_UNREADABLE'],
        text,
      );
      assert.match(warned[0]!.message, /Nobody can publish by key/);
      assert.equal(asides().length, before + 1);
      assert.equal(readFileSync(String(warned[0]!.details?.aside), 'utf8'), text, 'kept as it was');
      assert.equal(next.fault, null);
      await next.create({ name: 'Bert' });
      await next.close();
      unlinkSync(path);
    }
  });

  it('leaves the file of a newer version where it is', async () => {
    mkdirSync(folder());
    writeFileSync(path, '{"v":2,"people":[]}');
    const keys = store();
    await keys.opened();
    assert.equal(keys.fault?.code, 'KEYS_NOT_READ');
    await assert.rejects(keys.create({ name: 'Anna' }), { code: 'KEYS_NOT_READ' });
    assert.deepEqual(asides(), []);
    writeFileSync(path, '{"v":1,"people":[]}');
    await waitFor(() => keys.fault === null);
    await keys.create({ name: 'Anna' });
    assert.equal(warned.length, 1, 'told once, however often it was tried');
  });

  it('takes a file that was put back, and does not lose people when another program scribbles on it', async () => {
    const keys = store();
    const { streamKey } = await keys.create({ name: 'Anna' });
    const saved = readFileSync(path);
    await keys.remove('anna');
    // by another name first: as an editor or a backup program does it
    writeFileSync(`${path}.new`, saved);
    renameSync(`${path}.new`, path);
    await keys.refresh();
    assert.equal(keys.check(streamKey, null).ok, true);

    writeFileSync(path, 'scribble');
    await keys.create({ name: 'Bert' });
    assert.deepEqual(
      keys.list().map(({ id }) => id),
      ['anna', 'bert'],
    );
    assert.match(warned[0]!.message, /written anew/);
    assert.equal(asides().length, 1);
    unlinkSync(path);
    await keys.change('bert', { active: false });
    const next = await reopened(keys);
    assert.equal(next.check(streamKey, null).ok, true);
    assert.equal(next.get('bert')?.active, false);
  });

  it('changes nothing in a folder that is in use elsewhere, and takes over when it is free', async () => {
    const before = store();
    const { streamKey } = await before.create({ name: 'Anna' });
    await before.close();
    const other = await lockFolder(folder());
    const keys = store();
    await keys.opened();
    assert.equal(keys.fault?.code, 'DURABLE_LOCKED');
    assert.equal(keys.check(streamKey, null).ok, true, 'who had a key before may publish');
    await assert.rejects(keys.create({ name: 'Bert' }), { code: 'DURABLE_LOCKED' });
    await other.release();
    await waitFor(() => keys.fault === null);
    await keys.create({ name: 'Bert' });
    assert.deepEqual(
      warned.map(({ code }) => code),
      ['DURABLE_LOCKED'],
    );
  });

  it('is followed by another on the same file without a fault, also while it closes', async () => {
    const first = store();
    const making = first.create({ name: 'Anna' });
    await first.opened();
    void first.close();
    const second = store();
    const { person } = await making;
    await second.create({ name: 'Bert' });
    assert.deepEqual(
      second.list().map(({ id }) => id),
      [person.id, 'bert'],
    );
    assert.deepEqual(warned, []);
    await assert.rejects(first.create({ name: 'Cleo' }), { code: 'KEYS_NOT_WRITTEN' });
    await first.close();
    assert.ok(existsSync(path));
  });
});
