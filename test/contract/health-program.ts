// Health of the picture, the sound and the media inputs of a program.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PRESET_SETTINGS } from '../../lib/health/presets';
import type { HealthOptions, RuleId, WatchId } from '../../lib/health/types';
import { findProgram, removeTempDir, tempDir, waitFor } from '../support';
import { report, seconds, type Stage } from './health-stream';
import type { BareClient, World } from './support';
import type { Line } from './together';
import { watchHealth, type Watching } from './watching';

/** What a detection may take over the hold time of its rule. */
const OVER_HOLD_MS = 2000;
const SCENES = { moving: 'Scene', slide: 'Second', black: 'Third' } as const;
const TONE = 'Tone';
const CLIP = 'Opener';
const FEED = 'Guest';
const GONE = 'Closer';
/** how long the clip plays and the feed lasts */
const CLIP_SECONDS = 60;
const FEED_SECONDS = 120;

/** What the program of an OBS shows and sounds like, and how to change it. */
export class Program {
  private client!: BareClient;
  private folder = '';
  private feeding = true;

  constructor(private readonly world: World) {}

  /** A scene that moves and sounds, a slide that sounds and plays media, and one that is black and silent. */
  async set(): Promise<void> {
    const { world } = this;
    this.folder = tempDir('media');
    world.cleanUp(() => removeTempDir(this.folder));
    this.client = await world.connectClient();
    await this.client.call('SetCurrentSceneTransition', { transitionName: 'Cut' });
    // the simulator has other scenes than the real OBS of the tests
    for (const sceneName of world.simulator ? Object.values(SCENES) : []) {
      await this.client.call('CreateScene', { sceneName });
      await this.input(sceneName, `Colour ${sceneName}`, 'color_source_v3', {});
    }
    const colour = { inputName: `Colour ${SCENES.black}`, inputSettings: { color: 0xff000000 } };
    await this.client.call('SetInputSettings', colour);
    await this.made(SCENES.moving, 'Moving', 'testsrc2=size=320x180:rate=30');
    await this.made(SCENES.moving, TONE, 'sine=frequency=440');
    await this.client.call('CreateSceneItem', { sceneName: SCENES.slide, sourceName: TONE });
    await this.show('moving');
  }

  /** A file that ends and a stream from a server of ours that can stall, both on the slide. */
  async setMedia(): Promise<void> {
    await this.file(CLIP, false);
    let address = 'tcp://127.0.0.1:9';
    if (this.world.real) {
      const stream = readFileSync(await this.render('feed.ts', FEED_SECONDS));
      address = `tcp://127.0.0.1:${await this.feed(stream)}`;
    }
    const settings = { is_local_file: false, input: address, input_format: 'mpegts' };
    await this.input(SCENES.slide, FEED, 'ffmpeg_source', settings);
  }

  async show(scene: keyof typeof SCENES): Promise<void> {
    await this.client.call('SetCurrentProgramScene', { sceneName: SCENES[scene] });
  }

  async volume(inputVolumeDb: number): Promise<void> {
    await this.client.call('SetInputVolume', { inputName: TONE, inputVolumeDb });
  }

  /** Goes to its last second. */
  async endClip(): Promise<void> {
    const mediaCursor = (CLIP_SECONDS - 1) * 1000;
    await this.client.call('SetMediaInputCursor', { inputName: CLIP, mediaCursor });
  }

  /** Resolves when OBS says so, with the time in ms since 1970. */
  async clipEnded(): Promise<number> {
    const state = async (): Promise<string> =>
      (await this.client.call('GetMediaInputStatus', { inputName: CLIP })).mediaState;
    await waitFor(async () => (await state()).endsWith('_ENDED'), { message: 'the clip to end' });
    return Date.now();
  }

  async restartClip(): Promise<void> {
    const mediaAction = 'OBS_WEBSOCKET_MEDIA_INPUT_ACTION_RESTART';
    await this.client.call('TriggerMediaInputAction', { inputName: CLIP, mediaAction });
  }

  /** There it is. */
  async bring(name: string): Promise<void> {
    await this.file(name, true);
  }

  /** Whether the server of the stream sends nothing. */
  stall(stalled: boolean): void {
    this.feeding = !stalled;
    this.world.simulator?.health.media(FEED, stalled ? 'stalled' : null);
  }

  private async input(
    sceneName: string,
    inputName: string,
    inputKind: string,
    inputSettings: Record<string, string | boolean>,
  ): Promise<void> {
    await this.client.call('CreateInput', { sceneName, inputName, inputKind, inputSettings });
  }

  private made(scene: string, name: string, input: string): Promise<void> {
    return this.input(scene, name, 'ffmpeg_source', { is_local_file: false, input_format: 'lavfi', input });
  }

  private async file(name: string, looping: boolean): Promise<void> {
    const file = this.world.real ? await this.render('clip.mp4', CLIP_SECONDS) : '/clips/clip.mp4';
    const settings = { is_local_file: true, local_file: file, looping };
    await this.input(SCENES.slide, name, 'ffmpeg_source', settings);
  }

  private async render(name: string, lengthSeconds: number): Promise<string> {
    const file = join(this.folder, name);
    if (existsSync(file)) return file;
    const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=160x90:rate=15'];
    const sound = ['-f', 'lavfi', '-i', 'sine=frequency=220'];
    const coding = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '15', '-c:a', 'aac'];
    const args = ['-loglevel', 'error', ...picture, ...sound, '-t', String(lengthSeconds), ...coding, file];
    await promisify(execFile)(findProgram('ffmpeg') ?? 'ffmpeg', args, { timeout: 120_000 });
    return file;
  }

  /** Serves it over TCP as fast as it plays, while `feeding`. Resolves with the port. */
  private async feed(stream: Buffer): Promise<number> {
    const bytesPerMs = stream.length / FEED_SECONDS / 1000;
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      let sent = 0;
      let playedMs = 1000;
      let last = Date.now();
      const timer = setInterval(() => {
        const at = Date.now();
        if (this.feeding) playedMs += at - last;
        last = at;
        const until = Math.min(stream.length, Math.floor(playedMs * bytesPerMs));
        if (until > sent) socket.write(stream.subarray(sent, until));
        sent = until;
      }, 50);
      socket.once('close', () => clearInterval(timer));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    server.unref();
    this.world.cleanUp(() => server.close());
    return (server.address() as AddressInfo).port;
  }
}

/** How long the rule's fault has to hold until the first alert, as the preset has it. */
function holdMs(rule: RuleId): number {
  const { warn, critical, warnForMs, criticalForMs } = PRESET_SETTINGS.standard[rule];
  return Math.min(warn === null ? Infinity : warnForMs, critical === null ? Infinity : criticalForMs);
}

/** A watch for one fault, so that no other joins its incident. */
function watchFor({ world, driven }: Stage, watch: WatchId, more: Partial<HealthOptions> = {}): Watching {
  return watchHealth(world, driven, { watch: [watch], ...more });
}

/** The fault that began at `fromMs` is told soon enough. */
async function detected({ world }: Stage, watching: Watching, rule: RuleId, fromMs: number): Promise<void> {
  const { atMs, alert } = await watching.alert('opened', { rule });
  // an OBS on a machine that has no time for it is read less often: one reading to see it, one to be past its time
  const gapMs = longestGap(watching, fromMs, atMs);
  const overMs = Math.max(OVER_HOLD_MS, 2 * gapMs + 200);
  const slow = gapMs > 1200 ? `, readings up to ${seconds(gapMs)} apart` : '';
  const text = `${rule} told after ${seconds(atMs - fromMs)}, hold time ${seconds(holdMs(rule))}${slow}`;
  report(world, `${text}: ${alert.title}`);
  assert.ok(atMs - fromMs >= holdMs(rule) - 500, text);
  assert.ok(atMs - fromMs <= holdMs(rule) + overMs, text);
}

/** The longest time between two readings that came in this time, ms. */
function longestGap({ samples }: Watching, fromMs: number, untilMs: number): number {
  const times = samples.map(({ atMs }) => atMs).filter((atMs) => atMs > fromMs - 1000 && atMs <= untilMs);
  return Math.max(0, ...times.slice(1).map((atMs, index) => atMs - (times[index] ?? atMs)));
}

/** The reading before `untilMs` in which OBS last showed this media input elsewhere than before. */
function lastMoved({ samples }: Watching, name: string, untilMs: number): number {
  const cursors = samples
    .filter(({ atMs }) => atMs <= untilMs)
    .map(({ atMs, media }) => ({ atMs, cursorMs: media.find((one) => one.name === name)?.cursorMs ?? null }));
  const moved = cursors.filter(
    ({ cursorMs }, index) => index > 0 && cursorMs !== cursors[index - 1]?.cursorMs,
  );
  return moved.at(-1)?.atMs ?? assert.fail(`${name} never moved`);
}

async function over(...watchings: Watching[]): Promise<void> {
  for (const watching of watchings) {
    await watching.alert('recovered');
    watching.assertOneIncident();
    watching.end();
  }
}

/** Picture, sound and media of an OBS that is on the moving scene. */
export function programSteps(line: Line, stage: () => Stage, program: () => Program): void {
  line.step('black, frozen and silent are told, and that they are over', async () => {
    await program().show('moving');
    const [black, frozen, silent] = (['black', 'frozen', 'silent'] as const).map((what) =>
      watchFor(stage(), what),
    ) as [Watching, Watching, Watching];
    for (const watching of [black, frozen, silent]) await watching.ok();
    const from = Date.now();
    await program().show('black');
    await detected(stage(), black, 'black', from);
    await Promise.all([detected(stage(), frozen, 'frozen', from), detected(stage(), silent, 'silent', from)]);
    await program().show('moving');
    await over(black, frozen, silent);
  });

  line.step('a slide with talking is not called frozen, unless that is wished', async () => {
    const patient = watchFor(stage(), 'frozen');
    const strict = watchFor(stage(), 'frozen', { frozenNeedsSilence: false });
    const clipped = watchFor(stage(), 'clipped');
    for (const watching of [patient, strict, clipped]) await watching.ok();
    const from = Date.now();
    await program().show('slide');
    await program().volume(20);
    await detected(stage(), clipped, 'clipped', from);
    await program().volume(0);
    await detected(stage(), strict, 'frozen', from);
    assert.ok((patient.monitor.report().metrics.unchangedMs ?? 0) >= holdMs('frozen'), patient.story());
    await patient.readings(3);
    assert.deepEqual([patient.told, patient.monitor.report().verdict], [[], 'ok'], patient.story());
    patient.end();
    await program().show('moving');
    await over(strict, clipped);
  });

  line.step('media inputs that stall, end or are missing are told', async () => {
    await program().show('slide');
    await program().setMedia();
    const media = (name: string): Watching => watchFor(stage(), 'media', { media: [name] });
    const [feed, clip, gone] = [media(FEED), media(CLIP), media(GONE)];
    const from = Date.now();
    await Promise.all([feed.ok(), clip.ok()]);
    program().stall(true);
    await detected(stage(), gone, 'mediaMissing', from);
    await program().bring(GONE);
    await program().endClip();
    const endedFrom = await program().clipEnded();
    await detected(stage(), clip, 'mediaEnded', endedFrom);
    await program().restartClip();
    const stalled = await feed.alert('opened');
    await detected(stage(), feed, 'mediaStalled', lastMoved(feed, FEED, stalled.atMs));
    program().stall(false);
    await over(gone, clip, feed);
    // off the air OBS plays none of them
    const waiting = media(CLIP);
    await program().show('moving');
    await waiting.readings(8);
    assert.deepEqual([waiting.told, waiting.monitor.report().verdict], [[], 'ok'], waiting.story());
    waiting.end();
  });
}
