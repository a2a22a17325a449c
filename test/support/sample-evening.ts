// An ordinary evening with a bit of everything, for pictures and for whoever looks at the page.
import { Told } from './told';

const FILE = 'D:/Recordings/2026-11-20 19-10-10.mkv';
const SCENES = [
  'Welcome',
  'Band wide',
  'Lyrics',
  'Pulpit',
  'Pulpit + slides',
  'Altar',
  'Congregation',
  'Announcements',
  'Video',
];
/** How long each scene stays, s. */
const STAYS = [190, 75, 240, 60, 610, 95, 150, 320, 45, 130, 80, 410, 55];

/** A service that was live for an hour and a half: one cut, an incident, OBS away for two minutes. */
export function sampleEvening(): Told {
  const told = new Told();
  const [stream, recording] = [{ output: 'stream' }, { output: 'recording' }];
  const user = { user: 'Anna' };
  told.event(5, 'obs_connected', {}, { state: 'ready', expected: null });
  told.scene(310, 'Countdown', 'Black');
  told.goLive(
    600,
    { target: 'YouTube', service: 'YouTube - RTMPS', server: 'rtmps://a.rtmps.youtube.com:443/live2' },
    user,
  );
  told.event(610, 'recording_started', { outputPath: FILE, format: 'mkv' }, recording);
  told.action(
    610.2,
    'record-start',
    { outputPath: FILE, alreadyRunning: false, finished: false, format: 'mkv' },
    { ...recording, event: 'recording_started' },
    user,
  );
  let before = 'Countdown';
  for (let [at, turn] = [900, 0]; at < 6000; at += STAYS[turn++ % STAYS.length]!) {
    const scene = SCENES[(turn * 4) % SCENES.length]!;
    if (scene !== before) told.scene(at, scene, before, turn % 3 !== 0);
    before = scene;
  }
  told.event(2400, 'stream_reconnecting', {}, { ...stream, expected: false });
  const cut = {
    since: told.at(2400),
    title: 'Stream: the server is not reached.',
    detail: 'It has been trying to reach the streaming server for 10 s.',
  };
  told.alert(2410, 'opened', cut);
  told.event(2431, 'stream_reconnected', {}, { ...stream, expected: null });
  told.alert(2450, 'recovered', { ...cut, until: told.at(2432), durationMs: 32_000 });
  told.event(3000, 'recording_paused', { outputPath: FILE }, recording);
  told.event(3120, 'recording_resumed', { outputPath: FILE }, recording);
  told.event(
    4100,
    'obs_disconnected',
    { stream: 'live', recording: 'recording', message: 'OBS did not answer for 16 s.' },
    { expected: null },
  );
  told.event(4220, 'obs_connected', {}, { state: 'ready', expected: null });
  const silent = {
    id: 'sound',
    cause: 'sound',
    worst: 'degraded',
    since: told.at(4790),
    title: 'Sound: nothing can be heard.',
    detail: 'The loudest sound is -71 dB.',
  };
  told
    .alert(4800, 'opened', silent)
    .alert(4890, 'recovered', { ...silent, until: told.at(4870), durationMs: 80_000 });
  const done = { outputPath: FILE, format: 'mkv', finished: true, durationMs: 5_319_500 };
  told.event(6050, 'recording_stopped', done, { ...recording, previous: 'stopping' });
  told.action(
    6050.2,
    'record-stop',
    { ...done, sizeBytes: 1_900_000_000, wasRunning: true, alreadyRunning: false },
    { ...recording, event: 'recording_stopped', tookMs: 700 },
    user,
  );
  told.endStream(6060, {
    sizeBytes: 1_825_000_000,
    totalFrames: 163_800,
    droppedFrames: 212,
    durationMs: 5_460_000,
    averageBitrateKbps: 2674,
  });
  told.own(6400, 'log.stats', { counts: {} }).own(6400, 'log.close', { size: 90 });
  told.entries.sort((a, b) => (a.entry.t < b.entry.t ? -1 : 1));
  return told;
}
