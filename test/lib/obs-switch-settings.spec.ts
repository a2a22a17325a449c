import assert from 'node:assert/strict';
import {
  fingerprintOf,
  kindOf,
  madeOf,
  secretsOf,
  settingsOf,
  unknownKeys,
} from '../../lib/obs/switch-settings';
import type { SourceWish } from '../../lib/production/switching';

const wish = (address: string, more: Partial<SourceWish> = {}): SourceWish => ({
  address,
  kind: 'auto',
  pipeline: { preset: 'low-latency' },
  size: null,
  ...more,
});
const ADDRESS = 'rtmp://media.example:1935/live/guest-4711';

describe('settings of sources on air', () => {
  it('a media source of OBS starts hidden and goes on hidden', () => {
    assert.deepEqual(settingsOf('ffmpeg', wish(ADDRESS)), {
      is_local_file: false,
      input: ADDRESS,
      reconnect_delay_sec: 2,
      ffmpeg_options: 'rw_timeout=5000000',
      restart_on_activate: false,
      close_when_inactive: false,
      clear_on_media_end: false,
    });
  });

  it('a file is a file, however it is written', () => {
    const file = { restart_on_activate: false, close_when_inactive: false, clear_on_media_end: false };
    for (const [address, path] of [
      ['/films/intro one.mp4', '/films/intro one.mp4'],
      ['file:///films/intro%20one.mp4', '/films/intro one.mp4'],
      ['C:\\films\\intro.mp4', 'C:/films/intro.mp4'],
    ] as const)
      assert.deepEqual(settingsOf('ffmpeg', wish(address)), {
        ...file,
        is_local_file: true,
        local_file: path,
        looping: false,
      });
  });

  it('a gstreamer source has its address in its pipeline, and begins anew only where that can help', () => {
    const { pipeline, ...others } = settingsOf('gstreamer', wish(ADDRESS));
    assert.ok(String(pipeline).includes(`location="${ADDRESS}"`));
    assert.deepEqual(others, {
      stop_on_hide: false,
      clear_on_end: false,
      restart_on_eos: true,
      restart_on_error: true,
      restart_timeout: 2000,
    });
    assert.equal(settingsOf('gstreamer', wish('/films/intro.mp4')).restart_on_eos, false);
  });

  it('keys that an OBS does not know are found by the defaults it names', () => {
    const defaults = {
      buffering_mb: 2,
      clear_on_media_end: true,
      is_local_file: true,
      linear_alpha: false,
      looping: false,
      reconnect_delay_sec: 10,
      restart_on_activate: true,
      speed_percent: 100,
    };
    assert.deepEqual(unknownKeys('ffmpeg', settingsOf('ffmpeg', wish(ADDRESS)), defaults), []);
    assert.deepEqual(unknownKeys('ffmpeg', settingsOf('ffmpeg', wish('/a.mp4')), defaults), []);
    assert.deepEqual(
      unknownKeys('gstreamer', { pipeline: 'x', drop_on_latency: true, _live_owner: {} }, { pipeline: '' }),
      ['drop_on_latency'],
    );
  });

  it('the same wish is known again, and another is not', () => {
    const one = fingerprintOf(wish(ADDRESS));
    assert.equal(fingerprintOf(wish(` ${ADDRESS}`)), one);
    assert.notEqual(fingerprintOf(wish(`${ADDRESS}1`)), one);
    assert.notEqual(fingerprintOf(wish(ADDRESS, { pipeline: { preset: 'smooth' } })), one);
    assert.notEqual(fingerprintOf(wish(ADDRESS, { size: { width: 1280, height: 720 } })), one);
    const media = wish(ADDRESS, { kind: 'ffmpeg' });
    assert.equal(fingerprintOf({ ...media, pipeline: { preset: 'smooth' } }), fingerprintOf(media));
    assert.ok(!one.includes('4711'));
  });

  it('what somebody changed in OBS is not what was made', () => {
    const made = settingsOf('ffmpeg', wish(ADDRESS));
    const before = madeOf('ffmpeg', made);
    assert.equal(madeOf('ffmpeg', { ...made, buffering_mb: 1 }), before);
    assert.notEqual(madeOf('ffmpeg', { ...made, input: 'rtmp://media.example/live/other' }), before);
    assert.notEqual(madeOf('ffmpeg', { ...made, is_local_file: true, local_file: '/a.mp4' }), before);
    for (const odd of [null, 7, 'x', [], { input: {} }]) assert.notEqual(madeOf('ffmpeg', odd), before);
  });

  it('knows OBS names of kinds, and what is secret of an address', () => {
    assert.deepEqual(['ffmpeg_source', 'gstreamer-source', 'vlc_source', null].map(kindOf), [
      'ffmpeg',
      'gstreamer',
      null,
      null,
    ]);
    assert.ok(secretsOf(wish(ADDRESS)).includes('guest-4711'));
    assert.deepEqual(secretsOf(wish('no address')), ['no address']);
  });
});
