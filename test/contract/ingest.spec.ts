// Our own RTMP server with those who really publish and play: ffmpeg, and the real OBS on both sides.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { promisify } from 'node:util';
import { startIngest } from '../../lib/rtmp/ingest';
import type { Ingest, IngestEvent, IngestSettings, Tag } from '../../lib/rtmp/types';
import {
  certificates,
  findProgram,
  loops,
  type Program,
  type RealObs,
  requirePrograms,
  scale,
  startObs,
  startProgram,
  tempDir,
  waitFor,
} from '../support';
import { freezeProgram } from '../support/programs';
import { ingestSettings } from '../support/rtmp';
import { type BareClient, bareClient } from './client';
import { endings } from './support';

const KEY = 'k3y-that-nobody-may-read';
const folder = tempDir('ingest');
const ending = endings();

interface Rig {
  ingest: Ingest;
  server: string;
  events: IngestEvent[];
  story: () => string[];
  seen: (what: string) => Promise<void>;
}

async function rig(settings: Partial<IngestSettings> = {}): Promise<Rig> {
  const errors: unknown[] = [];
  const ingest = startIngest(ingestSettings(settings), { onError: (error) => errors.push(error) });
  ending.add(async () => {
    await ingest.close();
    assert.deepEqual(errors, []);
  });
  ingest.guard(({ params, stream }) =>
    params.get('key') === KEY ? { allow: true, name: stream } : { allow: false, reason: 'wrong key' },
  );
  const events: IngestEvent[] = [];
  ingest.onEvent((event) => events.push(event));
  await waitFor(() => ingest.status().listening);
  const line = (event: IngestEvent): string =>
    event.what === 'denied'
      ? `denied ${event.why} ${event.stream}`
      : `${event.what === 'publishing' && event.back ? 'back' : event.what} ${event.feed.stream}`;
  const story = () => events.filter(({ what }) => what !== 'video').map(line);
  const seen = async (what: string) =>
    void (await waitFor(() => story().includes(what), {
      message: () => `${what}; so far: ${story().join(', ')}`,
    }));
  const scheme = settings.tls ? 'rtmps' : 'rtmp';
  return { ingest, server: `${scheme}://127.0.0.1:${ingest.status().port}/live`, events, story, seen };
}

const clips = new Map<string, Promise<string>>();

/** A clip with sound, made once. */
function clip(size: string, fps: number, seconds: number, more: string[] = []): Promise<string> {
  const name = `${size}-${fps}-${seconds}${more.join('').replace(/\W/g, '')}.flv`;
  const make = async () => {
    const file = join(folder, name);
    const from = ['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=${fps}:duration=${seconds}`];
    const tone = ['-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=48000:duration=${seconds}`];
    const video = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', String(fps)];
    const args = ['-v', 'error', '-nostdin', '-y', ...from, ...tone, ...video, '-b:v', '2M', ...more];
    await promisify(execFile)(findProgram('ffmpeg') ?? 'ffmpeg', [...args, '-c:a', 'aac', file], {
      timeout: 60_000,
    });
    return file;
  };
  const made = clips.get(name) ?? make();
  clips.set(name, made);
  return made;
}

/** Somebody who publishes a clip in a loop, as fast as it plays, without encoding anything. */
async function ffmpeg(address: string, film: string, more: string[] = []): Promise<Program> {
  const input = ['-re', '-stream_loop', '-1', '-i', film, '-c', 'copy', ...more];
  const quiet = ['-hide_banner', '-nostdin', '-loglevel', 'error'];
  const flv = ['-f', 'flv', '-flvflags', 'no_duration_filesize'];
  const program = await startProgram('ffmpeg', [...quiet, ...input, ...flv, address]);
  ending.add(() => program.close('SIGKILL'));
  return program;
}

/** What is in an FLV file: the SHA-256 of each picture and sound. */
function tagsOf(file: string): Set<string> {
  const bytes = readFileSync(file);
  const hashes = new Set<string>();
  for (let at = 13; at + 11 < bytes.length;) {
    const size = bytes.readUIntBE(at + 1, 3);
    hashes.add(hashOf(bytes.subarray(at + 11, at + 11 + size)));
    at += 15 + size;
  }
  return hashes;
}

const hashOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe('ingest: real publishers', function () {
  this.timeout(120_000);
  before(function () {
    requirePrograms(this, ['ffmpeg']);
  });
  afterEach(() => ending.run());

  it('takes ten of 1080p30 at once, keeps them apart, and refuses the eleventh', async () => {
    const films = await Promise.all(
      [0, 1].map((i) => clip('1920x1080', 30, 2, ['-metadata', `t=${i}`, '-qp', String(30 + i)])),
    );
    const { ingest, server, story, seen } = await rig();
    const heard = new Map<string, Tag[]>();
    ingest.onEvent((event) => {
      if (event.what !== 'publishing') return;
      const tags: Tag[] = [];
      heard.set(event.feed.stream, tags);
      event.feed.onTag((tag) => tag.kind !== 'data' && tags.push(tag));
    });
    const names = Array.from({ length: 10 }, (_, i) => `guest-${i}`);
    for (const [i, name] of names.entries())
      await ffmpeg(`${server}/${name}?key=${KEY}`, films[i % 2]!, ['-metadata', `title=film of ${name}.`]);
    await waitFor(() => names.every((name) => (heard.get(name)?.length ?? 0) > 60));
    const eleventh = await ffmpeg(`${server}/one-too-many?key=${KEY}`, films[0]!);
    await seen('denied full one-too-many');
    await eleventh.waitExit();
    const own = films.map(tagsOf);
    for (const [i, name] of names.entries()) {
      const tags = heard.get(name)!;
      // whose they are: none of the other's, whole, in order
      assert.ok(
        tags.every(({ payload }) => own[i % 2]!.has(hashOf(payload))),
        name,
      );
      const times = tags.filter(({ kind }) => kind === 'video').map(({ timestampMs }) => timestampMs);
      assert.ok(
        times.every((time, at) => at === 0 || time >= times[at - 1]!),
        name,
      );
      const { video } = ingest
        .feeds()
        .find(({ stream }) => stream === name)!
        .figures();
      assert.deepEqual([video?.width, video?.height, video?.fps], [1920, 1080, 30]);
    }
    assert.equal(story().filter((line) => line.startsWith('publishing')).length, 10);
    assert.equal(ingest.feeds().length, 10);
  });

  it('lets the first stay, or the second take over, as it is set', async () => {
    const film = await clip('320x180', 15, 4);
    for (const duplicates of ['reject', 'replace'] as const) {
      const { server, story, seen } = await rig({ duplicates });
      const first = await ffmpeg(`${server}/ana?key=${KEY}`, film);
      await seen('publishing ana');
      const second = await ffmpeg(`${server}/ana?key=${KEY}`, film);
      await seen(duplicates === 'reject' ? 'denied busy ana' : 'back ana');
      await (duplicates === 'reject' ? second : first).waitExit();
      assert.equal((duplicates === 'reject' ? first : second).running, true);
      const wanted = duplicates === 'reject' ? ['denied busy ana'] : ['away ana', 'back ana'];
      assert.deepEqual(story(), ['publishing ana', ...wanted]);
    }
  });

  it('tells apart who stops, who is killed, and who freezes', async () => {
    const film = await clip('320x180', 15, 4);
    const { server, ingest, story, seen } = await rig({ graceMs: 700 });
    const stopped = await ffmpeg(`${server}/stopped?key=${KEY}`, film);
    const killed = await ffmpeg(`${server}/killed?key=${KEY}`, film);
    const frozen = await ffmpeg(`${server}/frozen?key=${KEY}`, film);
    await waitFor(
      () => ingest.feeds().length === 3 && ingest.feeds().every((feed) => feed.figures().videoFrames > 5),
    );
    stopped.kill('SIGINT');
    await seen('left stopped');
    assert.ok(!story().includes('away stopped'));
    killed.kill('SIGKILL');
    await seen('away killed');
    await seen('left killed');
    freezeProgram(frozen);
    const [feed] = ingest.feeds();
    await waitFor(() => feed!.figures().videoAgeMs! > 1_000);
    // the same key again: after 5 s of silence the frozen one counts as the ghost of a broken connection
    await waitFor(() => feed!.figures().videoAgeMs! > 5_200);
    await ffmpeg(`${server}/frozen?key=${KEY}`, film);
    await seen('back frozen');
    frozen.kill('SIGCONT');
    await frozen.waitExit();
    assert.equal(ingest.feeds().length, 1);
  });

  it('speaks RTMPS', async () => {
    const files = certificates(folder);
    const read = (file: string) => readFileSync(file, 'utf8');
    const { server, ingest, seen, story } = await rig({
      tls: { cert: read(files.cert), key: read(files.key) },
    });
    const film = await clip('320x180', 15, 4);
    await ffmpeg(`${server}/ana?key=${KEY}`, film);
    await seen('publishing ana');
    await waitFor(() => (ingest.feeds()[0]?.figures().videoFrames ?? 0) > 5);
    const denied = await ffmpeg(`${server}/bob?key=wrong`, film);
    await denied.waitExit();
    // somebody who speaks no TLS is nobody
    const plain = await ffmpeg(`${server.replace('rtmps', 'rtmp')}/cyd?key=${KEY}`, film);
    await plain.waitExit();
    assert.deepEqual(story(), ['publishing ana', 'denied key bob']);
    const socket = connectTls({ port: ingest.status().port!, host: '127.0.0.1', ca: read(files.ca) });
    await new Promise<void>((resolve, reject) => {
      socket.once('secureConnect', resolve);
      socket.once('error', reject);
    });
    assert.equal(socket.authorized, true);
    socket.destroy();
  });

  it('lets several play, from a key frame on', async () => {
    const { server, ingest, seen } = await rig({ play: { allowFrom: ['localhost'], token: 'a-token' } });
    await ffmpeg(`${server}/ana?key=${KEY}`, await clip('320x180', 15, 4));
    await seen('publishing ana');
    await waitFor(() => (ingest.feeds()[0]?.figures().keyframes ?? 0) > 1);
    const ffprobe = findProgram('ffprobe') ?? 'ffprobe';
    const frames = [
      '-select_streams',
      'v',
      '-read_intervals',
      '%+1',
      '-show_entries',
      'frame=pict_type,width',
    ];
    const probe = async (token: string) =>
      await promisify(execFile)(
        ffprobe,
        ['-v', 'error', ...frames, '-of', 'csv=p=0', `${server}/ana?token=${token}`],
        { timeout: 30_000 },
      );
    const films = await Promise.all([1, 2, 3].map(() => probe('a-token')));
    for (const { stdout, stderr } of films) {
      assert.match(stdout, /^320,I/);
      // a decoder that misses a picture says so
      assert.equal(stderr, '');
    }
    await assert.rejects(probe('wrong'), /not permitted|Not allowed/i);
    await waitFor(() => ingest.players('ana') === 0);
  });
});

describe('ingest: the real OBS', function () {
  this.timeout(180_000);
  let obs: RealObs;
  let client: BareClient;

  before(async function () {
    requirePrograms(this, ['obs', 'Xvfb', 'ffmpeg']);
    obs = await startObs();
    client = await bareClient(obs.url, obs.password);
  });
  afterEach(() => ending.run());
  after(async () => {
    await client?.close();
    await obs?.close();
  });

  const stream = async (server: string, key: string): Promise<void> => {
    const settings = { server, key, use_auth: false };
    await client.call('SetStreamServiceSettings', {
      streamServiceType: 'rtmp_custom',
      streamServiceSettings: settings,
    });
    await client.call('StartStream');
  };
  const since = (from: number) =>
    client.events
      .slice(from)
      .filter(({ type }) => type === 'StreamStateChanged')
      .map(({ data }) => String(data.outputState).replace('OBS_WEBSOCKET_OUTPUT_', ''));

  it('stops at once at a wrong key, and does not try again', async () => {
    const { server, story } = await rig();
    const from = client.events.length;
    await stream(server, 'ana?key=wrong');
    await waitFor(() => since(from).includes('STOPPED'));
    const states = client.events.slice(from).filter(({ type }) => type === 'StreamStateChanged');
    const at = (state: string) => states.find(({ data }) => String(data.outputState).endsWith(state))!.at;
    const tookMs = at('STOPPED') - at('STARTING');
    // alone it takes a quarter of a second; a machine that is busy with other things takes longer, and a retry would come after 2 s
    assert.ok(tookMs < 2_000, `${tookMs} ms`);
    // its first retry would come after 2 s
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    assert.deepEqual(since(from), ['STARTING', 'STOPPED']);
    assert.deepEqual(story(), ['denied key ana']);
  });

  it('publishes, is told apart when it stops, and takes a guest from the ingest', async () => {
    const play = { allowFrom: ['localhost'], token: 'a-token' };
    const { server, ingest, story, seen, events } = await rig({ play });
    const from = client.events.length;
    await stream(server, `obs?key=${KEY}`);
    await seen('publishing obs');
    await waitFor(() => since(from).includes('STARTED'));
    const feed = ingest.feeds()[0]!;
    await waitFor(() => feed.figures().videoFrames > 30 && feed.figures().audio);
    assert.deepEqual([feed.figures().video!.width, feed.figures().video!.height], [640, 360]);
    // a guest beside it, whom OBS takes as a source
    await ffmpeg(`${server}/guest?key=${KEY}`, await clip('320x180', 15, 4));
    await seen('publishing guest');
    const { currentProgramSceneName: sceneName } = await client.call('GetCurrentProgramScene');
    const inputSettings = {
      is_local_file: false,
      input: `${server}/guest?token=a-token`,
      reconnect_delay_sec: 1,
    };
    const inputName = 'the guest';
    await client.call('CreateInput', { sceneName, inputName, inputKind: 'ffmpeg_source', inputSettings });
    ending.add(() => client.call('RemoveInput', { inputName }).catch(() => undefined));
    await waitFor(() => ingest.players('guest') === 1);
    const shot = async (): Promise<string> =>
      (
        await client.call('GetSourceScreenshot', {
          sourceName: inputName,
          imageFormat: 'png',
          imageWidth: 320,
        })
      ).imageData;
    const pictures = new Set<string>();
    await waitFor(async () => pictures.add(await shot()).size >= loops(40, 4), { intervalMs: 150 });
    const stopped = client.events.length;
    await client.call('StopStream');
    await seen('left obs');
    await waitFor(() => since(stopped).includes('STOPPED'));
    assert.ok(!story().includes('away obs'));
    // nothing secret in what was told, and in what OBS was told
    assert.ok(
      !JSON.stringify(
        events.map((event) => ('feed' in event ? { ...event, feed: event.feed.address } : event)),
      ).includes(KEY),
    );
  });

  it('comes back by itself where its connection breaks, and is told as back', async () => {
    const { server, ingest, seen } = await rig({ graceMs: 20_000 });
    await stream(server, `obs?key=${KEY}`);
    await seen('publishing obs');
    await waitFor(() => (ingest.feeds()[0]?.figures().videoFrames ?? 0) > 10);
    const { connectionId } = ingest.feeds()[0]!;
    assert.equal(ingest.kick(connectionId, 'a test', false), true);
    await waitFor(() => ingest.feeds().length === 1 && ingest.feeds()[0]!.connectionId !== connectionId);
    await client.call('StopStream');
    await waitFor(() => ingest.feeds().length === 0);
  });

  it('killed in mid-stream it is away, and left after the grace, or back within it', async () => {
    const again = async () => {
      const { home, port } = obs;
      await client.close();
      await obs.close({ keepHome: true });
      obs = await startObs({ home, port });
      client = await bareClient(obs.url, obs.password);
    };
    // one is left before OBS could be back, the other waits for it
    for (const graceMs of scale >= 1 ? [500, 90_000] : [90_000]) {
      const { server, ingest, story, seen } = await rig({ graceMs });
      await stream(server, `obs?key=${KEY}`);
      await seen('publishing obs');
      await waitFor(() => (ingest.feeds()[0]?.figures().videoFrames ?? 0) > 10);
      obs.kill('SIGKILL');
      await seen('away obs');
      if (graceMs === 500) await seen('left obs');
      await again();
      if (graceMs === 500) continue;
      await stream(server, `obs?key=${KEY}`);
      await seen('back obs');
      assert.deepEqual(story(), ['publishing obs', 'away obs', 'back obs']);
    }
  });
});
