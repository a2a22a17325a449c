// The show report with pictures of a frame store: small, with their hashes, and in the page itself.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { fail } from '../../lib/errors';
import { reportHtml, showReport, takePictures } from '../../lib/witness/report';
import { PaperFrames } from '../support/paper-frames';
import { sampleEvening } from '../support/sample-evening';
import { honest } from '../support/told';

const evening = () => showReport(sampleEvening().entries, honest(), { timeZone: 'Europe/Berlin' });

describe('pictures of the show report', () => {
  it('are evenly over the show, of each stream, small, and their hashes are those of the store', async () => {
    const report = await evening();
    const from = Date.parse(report.from!);
    const frames = new PaperFrames([
      { stream: 'camera-1', from: from - 600_000, frames: 6_000, everyMs: 1_000 },
      { stream: 'camera-2', from: from + 60_000, frames: 5, everyMs: 1_000 },
      { stream: 'another-day', from: from - 86_400_000, frames: 5, everyMs: 1_000 },
    ]);
    const taken = await takePictures(frames.store, report.from, report.to);
    const { pictures, notes } = taken.told;
    assert.deepEqual(notes, []);
    assert.deepEqual([...new Set(pictures.map(({ stream }) => stream))].sort(), ['camera-1', 'camera-2']);
    assert.ok(pictures.length > 12 && pictures.length <= 24, `${pictures.length}`);
    const times = pictures.map(({ at }) => Date.parse(at));
    assert.deepEqual(
      times,
      [...times].sort((one, other) => one - other),
    );
    assert.ok(times[0]! >= from && times.at(-1)! <= Date.parse(report.to!));
    const page = reportHtml(report, taken);
    assert.ok(page.length < 600_000, `${page.length}`);
    for (const { sha256, id } of pictures)
      assert.ok(page.includes(`<code>${sha256}</code>`) && page.includes(taken.jpegs.get(id)!));
    // nothing from elsewhere, and each style is one that the policy knows
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)![1]!;
    assert.match(policy, /^default-src 'none'; img-src data:; style-src/);
    for (const [, style] of page.matchAll(/<style>([\s\S]*?)<\/style>/g))
      assert.ok(policy.includes(createHash('sha256').update(style!).digest('base64')));
    assert.equal(/<script|src="http|href=/.test(page), false);
  });

  it('are told as changed, missing or unreadable where they are, and the report is there all the same', async () => {
    const report = await evening();
    const frames = new PaperFrames([
      { stream: 'camera-1', from: Date.parse(report.from!), frames: 3, everyMs: 1_000 },
    ]);
    const { store } = frames;
    const changed = { ...store, picture: (id: string) => Promise.reject(fail('FRAMES_CHANGED', { id })) };
    const one = await takePictures(changed, report.from, report.to);
    assert.match(one.told.pictures[0]!.fault!, /its hash differs/);
    assert.match(reportHtml(report, one), /its hash differs/);
    frames.fault = new Error('/secret/path');
    const two = await takePictures(store, report.from, report.to);
    assert.deepEqual(two.told.pictures, []);
    assert.match(two.told.notes[0]!, /missing: its files cannot be read/);
    const none = await takePictures(new PaperFrames().store, report.from, report.to);
    assert.deepEqual(none.told.notes, ['The frame store has no pictures of this time.']);
  });

  it('that nobody asked for change nothing', async () => {
    const now = Date.parse('2026-11-21T12:00:00Z');
    const fixed = await showReport(sampleEvening().entries, honest(), { timeZone: 'Europe/Berlin', now });
    // the page of this evening as it was made before there were pictures at all
    const before = '0e5ed1c8e56df12484706bdbe52d55d370d4f889252675ee76f37c4531eb55c0';
    assert.equal(createHash('sha256').update(reportHtml(fixed)).digest('hex'), before);
    const report = await evening();
    assert.equal(reportHtml(report), reportHtml(report, null));
    assert.ok(!reportHtml(report).includes('img-src') && !('pictures' in report));
  });
});
