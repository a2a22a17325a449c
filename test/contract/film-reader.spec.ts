// The reader of recordings, against films with faults that were put into them on purpose.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findProgram, requirePrograms, tempDir } from '../support';
import { type Film, longest, readFilm } from '../support/film-reader';
import { movingFilm } from '../support/moving-pictures';

/** A film of eight seconds, encoded as OBS does it, after these filters. */
async function film(name: string, fps: number, picture: string, sound = 'anull'): Promise<Film> {
  const file = join(tempDir('planted'), `${name}.mkv`);
  const from = await movingFilm('light', fps, 8);
  // frames that a slow source leaves out are repeated by OBS, which always has 30
  const filters = ['-vf', `fps=30,${picture}`, '-af', sound];
  const codecs = ['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '20', '-c:a', 'aac'];
  const args = ['-v', 'error', '-nostdin', '-y', '-i', from, ...filters, ...codecs, file];
  await promisify(execFile)(findProgram('ffmpeg')!, args);
  return await readFilm(file);
}

const freeze = (start: number, frames: number): string =>
  `loop=loop=${frames - 1}:size=1:start=${start},setpts=N/30/TB`;

describe('the reader of recordings', function () {
  this.timeout(60_000);
  before(function () {
    requirePrograms(this, ['ffmpeg']);
  });

  it('finds nothing in a moving picture, and 60 ms of silence in its sound', async () => {
    const found = await film('whole', 30, 'null', `volume=0:enable='between(t,4,4.06)'`);
    assert.ok(Math.abs(found.durationMs - 8000) < 100, String(found.durationMs));
    assert.ok(found.frames.length >= 238, String(found.frames.length));
    assert.deepEqual([found.blackFrames, found.black, found.still, found.frozen], [0, [], [], []]);
    assert.deepEqual(
      found.looks.map(({ look }) => look),
      ['light'],
    );
    assert.equal(found.silent.length, 1, JSON.stringify(found.silent));
    assert.ok(Math.abs(found.silent[0]!.ms - 60) <= 30, JSON.stringify(found.silent));
    const loud = found.levels.filter(({ atMs }) => atMs > 1000 && atMs < 3000).map(({ db }) => db);
    assert.ok(
      Math.min(...loud) > -27 && Math.max(...loud) < -21,
      `${Math.min(...loud)} ${Math.max(...loud)}`,
    );
  });

  it('finds one black frame, one grey one, a freeze of 300 ms and as much that is missing', async () => {
    const planted = [
      `drawbox=color=black:t=fill:enable='eq(n,50)'`,
      // as a decoder shows that has no key frame
      `drawbox=color=gray:t=fill:enable='eq(n,80)'`,
      freeze(120, 9),
      `select='not(between(n,180,187))'`,
    ];
    const found = await film('faults', 30, planted.join(','));
    assert.equal(found.blackFrames, 1);
    assert.equal(found.black.length, 1, JSON.stringify(found.black));
    assert.ok(Math.abs(found.black[0]!.atMs - 1667) < 100, JSON.stringify(found.black));
    assert.deepEqual(
      found.looks.map(({ look, frames }) => (look === 'neither' ? frames : look)),
      ['light', 1, 'light', 1, 'light'],
    );
    assert.equal(found.still.length, 2, JSON.stringify(found.still));
    for (const [index, at] of [4000, 5967].entries()) {
      assert.ok(Math.abs(found.still[index]!.ms - 300) < 5, JSON.stringify(found.still));
      assert.ok(Math.abs(found.still[index]!.atMs - at) < 100, JSON.stringify(found.still));
    }
    assert.ok(longest(found.frozen) > 250, JSON.stringify(found.frozen));
  });

  it('finds 300 ms in a picture of 10 frames a second, of which each stays for 100', async () => {
    // from the second of three equal frames on
    const found = await film('slow', 10, freeze(121, 7));
    assert.deepEqual([found.blackFrames, found.black, found.frozen.length], [0, [], 1]);
    assert.ok(found.still.length > 70, String(found.still.length));
    const long = found.still.filter(({ ms }) => ms > 140);
    assert.equal(long.length, 1, JSON.stringify(long));
    assert.ok(Math.abs(long[0]!.ms - 300) < 5, JSON.stringify(long));
  });
});
