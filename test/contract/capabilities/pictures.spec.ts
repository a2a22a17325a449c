// Pictures of what is on air.
import assert from 'node:assert/strict';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { PictureRequest } from '../../../lib/production/pictures';
import { rejected } from '../drive';
import { capability } from './play';
import { disconnected, gone } from './stage';

const WANTED: PictureRequest = { source: null, width: null, height: null, format: 'jpg', quality: null };

capability('a picture', ['pictures'], (scenario) => {
  scenario('of what is on air is taken, of what is unknown is not', async (stage) => {
    const { app } = await stage.open();
    const picture = await app.pictures!.take(WANTED);
    assert.ok(picture.data.length > 100);
    assert.equal(picture.data.subarray(0, 2).toString('hex'), 'ffd8');
    assert.deepEqual([picture.format, picture.contentType], ['jpg', 'image/jpeg']);
    assert.ok((picture.width ?? 0) > 0 && (picture.height ?? 0) > 0);
    assert.match(picture.takenAt, /Z$/);
    assert.equal(typeof picture.source, 'string');
    const fault = await rejected(app.pictures!.take({ ...WANTED, source: 'Nowhere' }), 'SOURCE_UNKNOWN');
    assert.ok(fault.message.includes('Nowhere'));
  });

  scenario('is written on its own machine', async (stage) => {
    const { app } = await stage.open();
    const { there, here } = stage.pictures;
    const path = `${there}${there.includes('\\') ? '\\' : '/'}program.jpg`;
    const saved = await app.pictures!.saveThere(WANTED, () => path);
    assert.equal(saved.path, path);
    const file = join(here, 'program.jpg');
    assert.ok(existsSync(file) && statSync(file).size > 100);
  });

  scenario('is none where nobody is there', async (stage) => {
    const { app, told } = await stage.open();
    await stage.machine.crash();
    await told(disconnected(stage));
    await rejected(app.pictures!.take(WANTED), ...gone(stage));
    await stage.machine.comeBack();
    await app.whenReady(60_000);
  });
});
