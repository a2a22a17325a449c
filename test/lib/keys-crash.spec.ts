// Processes that are killed while they change the key store: what was acknowledged is there, and the file is always whole.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { peopleIn } from '../../lib/keys/file';
import { StoredKeys } from '../../lib/keys/store';
import { loops, startProgram, tempDir, waitFor } from '../support';

const BUILT = JSON.stringify(join(__dirname, '..', '..', 'dist', 'lib', 'keys', 'store.js'));

/** A process that changes a store without an end, several at once, and says what it begins and what was acknowledged: `? id`, `+ id key`, `- id`. */
const changer = (path: string): string => `
  const { writeSync } = require('node:fs');
  const { StoredKeys } = require(${BUILT});
  const store = new StoredKeys({ path: ${JSON.stringify(path)}, mostPeople: 1000, warn: (error) => writeSync(1, '! ' + error.code + '\\n') });
  const say = ({ person, streamKey }) => writeSync(1, '+ ' + person.id + ' ' + streamKey + '\\n');
  const any = (list) => list[Math.floor(Math.random() * list.length)];
  setInterval(() => undefined, 1000);
  (async () => {
    await store.opened();
    for (;;) {
      // each person in one change at a time, so that what was said last is what counts
      const people = store.list().map(({ id }) => id);
      const [gone, turned] = people.length > 6 ? [any(people.slice(0, 3)), any(people.slice(3))] : [];
      if (gone) writeSync(1, '? ' + gone + '\\n? ' + turned + '\\n');
      await Promise.all([
        store.create({ name: 'Guest', id: 'g' + process.hrtime.bigint(), metadata: { long: 'x'.repeat(1000 * Math.random()) } }).then(say),
        gone && store.remove(gone).then(() => writeSync(1, '- ' + gone + '\\n')),
        turned && store.rotate(turned).then(say),
      ]);
    }
  })().catch((error) => writeSync(1, '! ' + error.code + '\\n'));`;

describe('a process that is killed while it changes the key store', () => {
  it('has made every change it acknowledged, and no other one twice or in part', async function () {
    this.timeout(600_000);
    const path = join(tempDir('keys-kills'), 'people.json');
    const known = new Map<string, string | null>();
    let changes = 0;
    for (let kill = 0; kill < loops(100, 6); kill++) {
      const program = await startProgram('node', ['-e', changer(path)]);
      try {
        await waitFor(() => program.log().includes('+ '), {
          message: () => program.log().slice(-500),
        });
        await sleep(Math.random() * 100);
      } finally {
        program.kill('SIGKILL');
        await program.waitExit();
      }
      assert.ok(!program.log().includes('!'), program.log());
      const begun = new Set<string>();
      for (const line of program.log().split('\n').slice(0, -1)) {
        const [what, id, key = null] = line.split(' ') as [string, string, string?];
        if (what === '?') begun.add(id);
        else {
          begun.delete(id);
          known.set(id, what === '+' ? key : null);
          changes++;
        }
      }
      await program.close();
      const people = peopleIn(readFileSync(path, 'utf8'));
      const store = new StoredKeys({ path, mostPeople: 1000 });
      const wrong = [...known].filter(([id, key]) =>
        key === null ? people.has(id) : !store.check(key, null).ok,
      );
      // what was under way may have been made or not
      for (const [id] of wrong) assert.ok(begun.has(id), `${id} is not as it was acknowledged`);
      await store.opened();
      assert.equal(store.fault, null);
      // whatever it is now is what counts from here on
      for (const [id] of wrong) known.delete(id);
      await store.close();
      assert.deepEqual(
        readdirSync(join(path, '..')).filter((name) => name !== 'people.json'),
        [],
        'nothing is left beside it',
      );
    }
    assert.ok(changes > 20 && existsSync(path), `${changes} changes in all`);
  });
});
