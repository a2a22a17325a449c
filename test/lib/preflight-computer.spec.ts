// What is asked beside OBS: a server's port, a time server, ffmpeg, the clock of this machine.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { createSocket } from 'node:dgram';
import { knock } from '../../lib/connection/knock';
import { isThisMachine } from '../../lib/connection/this-machine';
import { askTimeServer } from '../../lib/connection/time-server';
import { preflight, type World } from '../../lib/preflight/ask';
import type { Check, CheckId, Expectations } from '../../lib/preflight/types';
import type { Application } from '../../lib/production/application';
import { ffmpegVersion } from '../../lib/programs';
import { freePort, freeUdpPort, requirePrograms, startHangServer, tempDir } from '../support';
import { startTimeServer } from '../support/time-server';

const NOBODY = {
  kind: 'obs',
  name: 'nobody',
  simulated: false,
  health: null,
  status: () => ({ state: 'disconnected', fault: null }),
} as unknown as Application;

/** The check of an application that is away: what is asked beside it is asked all the same. */
async function check(
  id: CheckId & ('clock' | 'ffmpeg'),
  more: Partial<Expectations>,
  world: Partial<World> = {},
) {
  const expected: Expectations = {
    destination: null,
    profile: null,
    collection: null,
    scenes: [],
    sources: [],
    inputs: [],
    diskWarnGigabytes: 0,
    diskFailGigabytes: 0,
    timeServer: null,
    ffmpegPath: null,
    unknownFails: false,
    ticks: new Set([id]),
    ...more,
  };
  const { checks } = await preflight(NOBODY, expected, world);
  const found = checks.find((one): one is Check => one.id === id);
  assert.ok(found);
  assert.equal(found.result === 'ok', found.advice === null, found.message);
  return found;
}

/** A server on loopback, gone with the test. */
async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => void sockets.add(socket.on('error', () => undefined)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

describe('preflight: knocking at a server', () => {
  const host = '127.0.0.1';
  const rtmp = (socket: Socket) =>
    void socket.once('data', () => socket.write(Buffer.concat([Buffer.from([3]), Buffer.alloc(3072)])));

  it('RTMP: a server that greets, refuses, hangs, hangs up or speaks something else', async () => {
    const answer = async (port: number) => (await knock({ host, port, speaks: 'rtmp' }, 500)).answer;
    const greeted: Buffer[] = [];
    const good = createServer((socket) => {
      socket.on('data', (data) => greeted.push(data));
      rtmp(socket);
    });
    assert.equal(await answer(await listen(good)), 'answers');
    // the version, then 1536 bytes whose second four are zero: nothing is published yet
    const sent = Buffer.concat(greeted);
    assert.equal(sent.length, 1537);
    assert.deepEqual([...sent.subarray(0, 9)], [3, 0, 0, 0, 0, 0, 0, 0, 0]);
    assert.equal(await answer(await freePort()), 'refused');
    const hang = await startHangServer();
    ends.push(() => hang.close());
    assert.equal(await answer(hang.port), 'mute');
    assert.equal(await answer(await listen(createServer((socket) => socket.destroy()))), 'foreign');
    const mail = createServer((socket) => socket.write('220 mail.example ESMTP\r\n'));
    assert.equal(await answer(await listen(mail)), 'foreign');
    assert.equal((await knock({ host: 'nowhere.invalid', port: 1935, speaks: 'rtmp' })).answer, 'notFound');
  });

  it('RTMPS and HTTPS: a certificate that nobody vouches for is told apart', async function () {
    requirePrograms(this, ['openssl']);
    const folder = tempDir('tls');
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=nobody'];
    execFileSync('openssl', [...made, '-keyout', key, '-out', cert], { stdio: 'pipe' });
    const port = await listen(createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, rtmp));
    assert.equal((await knock({ host, port, speaks: 'rtmps' }, 2000)).answer, 'untrusted');
    assert.equal((await knock({ host, port, speaks: 'https' }, 2000)).answer, 'untrusted');
    // the wrong beginning of the address, both ways round
    assert.match((await knock({ host, port, speaks: 'rtmp' }, 500)).answer, /foreign|mute/);
    const plain = await listen(createServer(rtmp));
    assert.match((await knock({ host, port: plain, speaks: 'rtmps' }, 500)).answer, /foreign|mute/);
    assert.equal((await knock({ host, port: plain, speaks: 'http' }, 500)).answer, 'answers');
  });

  it('SRT: nobody, somebody silent, and something else', async () => {
    const answer = async (port: number) => (await knock({ host, port, speaks: 'srt' }, 600)).answer;
    assert.equal(await answer(await freeUdpPort()), 'refused');
    let asked = 0;
    let reply: Buffer | null = null;
    const other = createSocket('udp4');
    other.on('message', (_, from) => {
      asked += 1;
      if (reply) other.send(reply, from.port, from.address);
    });
    const port = await freeUdpPort();
    await new Promise<void>((resolve) => other.bind(port, host, resolve));
    ends.push(() => other.close());
    assert.equal(await answer(port), 'silent');
    assert.ok(asked >= 2, 'a lost packet is sent again');
    reply = Buffer.from('who are you?');
    assert.equal(await answer(port), 'foreign');
    assert.equal((await knock({ host: 'nowhere.invalid', port, speaks: 'srt' })).answer, 'notFound');
  });

  it('SRT: an address that this machine cannot send to, and a port that is none, are answers and end nothing', async () => {
    // what a machine without a network says of any address, this one says of broadcast
    for (const [host, port] of [
      ['255.255.255.255', 9000],
      ['127.0.0.1', 99_999],
    ] as const) {
      const { answer } = await knock({ host, port, speaks: 'srt' }, 600);
      assert.notEqual(answer, 'answers');
    }
  });

  it('knows this machine by its names', () => {
    for (const one of ['127.0.0.1', '127.4.4.4', 'localhost', '::1', '[::1]', 'LOCALHOST', hostname()])
      assert.equal(isThisMachine(one), true, one);
    for (const one of ['192.0.2.7', 'studio.example', '2001:db8::1', ''])
      assert.equal(isThisMachine(one), false, one);
  });
});

describe('preflight: the computer of Node-RED', () => {
  const script = (text: string): string => {
    const file = join(tempDir('programs'), 'ffmpeg');
    writeFileSync(file, `#!/bin/sh\n${text}\n`);
    chmodSync(file, 0o755);
    return file;
  };

  it('an ffmpeg that is missing, is none, may not be run, fails or hangs is found', async () => {
    const quick = { ffmpegVersion: (path: string | null) => ffmpegVersion(path, 1000) };
    const ask = (ffmpegPath: string | null) => check('ffmpeg', { ffmpegPath }, quick);
    assert.match(
      (await ask(script('echo ffmpeg version 9.9-test'))).message,
      /is there \(version 9\.9-test\)/,
    );
    const forbidden = script('true');
    chmodSync(forbidden, 0o644);
    for (const [path, message] of [
      [join(tempDir('nothing'), 'ffmpeg'), /was not found/],
      // refused before anything is started
      [join(forbidden, 'ffmpeg'), /was not found/],
      [forbidden, /may not be run/],
      [script('echo something else'), /does not run as it should/],
      [script('exit 3'), /exit code 3/],
      [script('exec sleep 30'), /did not answer/],
    ] as const) {
      const found = await ask(path);
      assert.equal(found.result, 'failed', found.message);
      assert.match(found.message, message);
    }
  });

  it('a clock that is off by a little or by much is found, and a time server that is no help', async () => {
    const time = await startTimeServer();
    const quick = { askTimeServer: (server: string) => askTimeServer(server, 1300) };
    const ask = (timeServer = time.address) => check('clock', { timeServer }, quick);
    assert.equal((await ask()).result, 'ok');
    for (const [offsetMs, result, message] of [
      [5_000, 'warning', /5\.0 s behind/],
      [-5_000, 'warning', /5\.0 s ahead of/],
      [90_000, 'failed', /90 s behind/],
      [-3_600_000, 'failed', /60 min ahead of/],
      // beyond the end of the protocol's counter, in 2036
      [20 * 365 * 86_400_000, 'failed', /7300 days behind/],
    ] as const) {
      time.offsetMs = offsetMs;
      const found = await ask();
      assert.equal(found.result, result, found.message);
      assert.match(found.message, message);
    }
    time.offsetMs = 0;
    time.unfit = true;
    const unfit = await ask();
    assert.equal(unfit.result, 'unknown');
    assert.match(unfit.message, /does not know the time itself/);
    time.unfit = false;
    time.silent = true;
    const before = time.asked;
    const silent = await ask();
    assert.equal(silent.result, 'unknown');
    assert.match(silent.message, /did not answer/);
    assert.equal(time.asked - before, 2, 'a lost packet is sent again');
    await time.close();
    assert.match((await ask()).message, /refused/);
    assert.match((await ask('no-such-server.invalid')).message, /was not found/);
    const none = await check('clock', {});
    assert.equal(none.result, 'ok');
    assert.match(none.message, /no time server is named/);
  });

  it('a time server that this machine cannot send to, or at a port that is none, is a fault and ends nothing', async () => {
    for (const server of ['255.255.255.255', '127.0.0.1:99999', '127.0.0.1:0'])
      assert.ok('fault' in (await askTimeServer(server, 1300)), server);
  });

  it('a clock that was set, or makes no sense, is found', async () => {
    const at = (wallMs: number) => check('clock', {}, { wallMs: () => wallMs });
    const set = await at(Date.now() + 3_600_000);
    assert.equal(set.result, 'warning');
    assert.match(set.message, /set forward by 60 min/);
    assert.match((await at(Date.now() - 20_000)).message, /set back by 20 s/);
    assert.equal((await at(0)).result, 'failed');
    assert.equal((await at(Date.UTC(2150, 1))).result, 'failed');
  });
});
