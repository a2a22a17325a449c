// The simulator's side of the protocol: handshake, close codes, batches, subscriptions, hostile input.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import OBSWebSocket, {
  type RequestBatchExecutionType,
  type RequestBatchRequest,
} from 'obs-websocket-js/json';
import WebSocket from 'ws';
import { startObsSimulator } from '../../simulators/obs';
import type { ObsSimulator } from '../../simulators/obs/types';
import { bareClient } from '../contract/client';
import { waitFor } from '../support';

const PASSWORD = 'correct horse battery';
const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64');

interface Ended {
  code: number;
  reason: string;
}

describe('OBS simulator: protocol', () => {
  let simulator: ObsSimulator;

  beforeEach(async () => {
    simulator = await startObsSimulator({ password: PASSWORD, speed: 20 });
  });
  afterEach(() => simulator.close());

  /** Send one message after Hello (or after Identified) and hear how the connection ends. */
  function endOf(
    message: string | Buffer | ((authentication: string) => string),
    identified: boolean,
  ): Promise<Ended> {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(simulator.url, 'obswebsocket.json');
      socket.on('error', reject);
      socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
      socket.on('message', (raw: Buffer) => {
        const { op, d } = JSON.parse(raw.toString()) as {
          op: number;
          d: Record<string, Record<string, string>>;
        };
        if (op === 0) {
          const { salt, challenge } = d.authentication as { salt: string; challenge: string };
          const authentication = sha256(sha256(PASSWORD + salt) + challenge);
          if (identified) socket.send(JSON.stringify({ op: 1, d: { rpcVersion: 1, authentication } }));
          else socket.send(typeof message === 'function' ? message(authentication) : message);
        } else if (op === 2) socket.send(message as string);
      });
    });
  }

  const early: [string, string | Buffer | ((authentication: string) => string), number, RegExp][] = [
    ['broken JSON', '{', 4002, /^Unable to decode Json/],
    ['a binary message', Buffer.from('{}'), 4002, /^Your session encoding is set to Json/],
    ['a number', '5', 4002, /^You sent a non-object payload\.$/],
    ['no op', '{}', 4006, /missing an `op`/],
    ['an op of the wrong type', '{"op":"1","d":{}}', 4006, /not a number/],
    ['no d', '{"op":1}', 4003, /missing data/],
    ['a d of the wrong type', '{"op":1,"d":5}', 4004, /not an object/],
    ['a request before Identify', '{"op":6,"d":{}}', 4007, /not identified/],
    ['the protocol of version 4', '{"request-type":"GetVersion","message-id":"1"}', 4010, /pre-5\.0\.0/],
    ['no password', '{"op":1,"d":{"rpcVersion":1}}', 4009, /missing an `authentication` string/],
    [
      'a wrong password',
      '{"op":1,"d":{"rpcVersion":1,"authentication":"x"}}',
      4009,
      /^Authentication failed\.$/,
    ],
    [
      'no rpcVersion',
      (authentication) => JSON.stringify({ op: 1, d: { authentication } }),
      4003,
      /rpcVersion/,
    ],
    [
      'another rpcVersion',
      (authentication) => JSON.stringify({ op: 1, d: { authentication, rpcVersion: 2 } }),
      4010,
      /not supported/,
    ],
    [
      'a mask of the wrong type',
      (authentication) =>
        JSON.stringify({ op: 1, d: { authentication, rpcVersion: 1, eventSubscriptions: -1 } }),
      4004,
      /eventSubscriptions/,
    ],
  ];
  for (const [what, message, code, reason] of early) {
    it(`answers ${what} with ${code}`, async () => {
      const ended = await endOf(message, false);
      assert.equal(ended.code, code);
      assert.match(ended.reason, reason);
    });
  }

  const late: [string, unknown, number][] = [
    ['a second Identify', { op: 1, d: { rpcVersion: 1 } }, 4008],
    ['an unknown op', { op: 99, d: {} }, 4006],
    ['a request without id', { op: 6, d: { requestType: 'GetVersion' } }, 4003],
    ['a request without type', { op: 6, d: { requestId: '1' } }, 4003],
    ['a request type that is no text', { op: 6, d: { requestId: '1', requestType: 5 } }, 4004],
    ['a batch without requests', { op: 8, d: { requestId: '1' } }, 4003],
    ['requests that are no list', { op: 8, d: { requestId: '1', requests: 5 } }, 4004],
    ['an unknown executionType', { op: 8, d: { requestId: '1', requests: [], executionType: 7 } }, 4005],
    [
      'variables in Parallel',
      { op: 8, d: { requestId: '1', requests: [], executionType: 2, variables: {} } },
      4012,
    ],
  ];
  for (const [what, message, code] of late) {
    it(`answers ${what} with ${code}`, async () => {
      assert.equal((await endOf(JSON.stringify(message), true)).code, code);
    });
  }

  it('greets as obs-websocket 5.1.0, with a new challenge for each client', async () => {
    const hello = (): Promise<Record<string, unknown>> =>
      new Promise((resolve) => {
        const socket = new WebSocket(simulator.url, ['x', 'obswebsocket.json']);
        socket.on('message', (raw: Buffer) => {
          assert.equal(socket.protocol, 'obswebsocket.json');
          socket.terminate();
          resolve((JSON.parse(raw.toString()) as { d: Record<string, unknown> }).d);
        });
      });
    const [first, second] = [await hello(), await hello()];
    assert.deepEqual(Object.keys(first), ['authentication', 'obsWebSocketVersion', 'rpcVersion']);
    assert.equal(first.obsWebSocketVersion, '5.1.0');
    assert.notDeepEqual(first.authentication, second.authentication);
  });

  it('takes a client without subprotocol, and tells a foreign one nothing', async () => {
    const plain = new WebSocket(simulator.url);
    await new Promise((resolve) => plain.once('message', resolve));
    plain.terminate();
    const foreign = new WebSocket(simulator.url, 'something.else');
    const error = await new Promise<Error>((resolve) => foreign.once('error', resolve));
    assert.match(error.message, /no subprotocol/);
  });

  it('answers a web browser with 426', async () => {
    const response = await fetch(simulator.url.replace('ws:', 'http:'));
    assert.equal(response.status, 426);
  });

  it('tells events only to those who asked for their kind, and follows Reidentify', async () => {
    const outputs = await bareClient(simulator.url, PASSWORD, 64);
    const nothing = await bareClient(simulator.url, PASSWORD, 0);
    simulator.emit('StreamStateChanged', { outputState: 'OBS_WEBSOCKET_OUTPUT_STARTED' });
    simulator.emit('CurrentProgramSceneChanged', { sceneName: 'Live' });
    await outputs.waitForEvent('StreamStateChanged');
    await nothing.obs.reidentify({ eventSubscriptions: 4 });
    simulator.emit('CurrentProgramSceneChanged', { sceneName: 'Break' });
    await nothing.waitForEvent('CurrentProgramSceneChanged');
    assert.equal(outputs.events.length, 1);
    assert.equal(nothing.events.length, 1);
    await Promise.all([outputs.close(), nothing.close()]);
  });

  it('tells volume meters only on request, about twenty times a second', async () => {
    const all = await bareClient(simulator.url, PASSWORD);
    const meters = await bareClient(simulator.url, PASSWORD, 1 << 16);
    await waitFor(() => meters.events.length >= 5);
    assert.equal(all.events.length, 0);
    assert.deepEqual(Object.keys(meters.events[0]?.data ?? {}), ['inputs']);
    await Promise.all([all.close(), meters.close()]);
  });

  describe('batches', () => {
    let obs: OBSWebSocket;
    beforeEach(async () => {
      obs = new OBSWebSocket();
      await obs.connect(simulator.url, PASSWORD);
    });
    afterEach(() => obs.disconnect());

    const batch = async (requests: unknown[], options: Record<string, unknown> = {}) => {
      const results = await obs.callBatch(requests as RequestBatchRequest[], options);
      return results.map(({ requestStatus }) => requestStatus.code);
    };
    const FRAMES = 1 as RequestBatchExecutionType;
    const PARALLEL = 2 as RequestBatchExecutionType;

    it('do one request after the other, sleep, and name what is missing', async () => {
      const codes = await batch([
        { requestType: 'GetStats' },
        { requestType: 'Nope' },
        { requestType: 'Sleep', requestData: { sleepMillis: 20 } },
        { requestType: 'Sleep', requestData: { sleepFrames: 2 } },
        {},
        null,
      ]);
      assert.deepEqual(codes, [100, 204, 100, 300, 203, 203]);
      assert.deepEqual(
        simulator.calls.map((call) => call.batchIndex),
        [0, 1, 2, 3, 4, 5],
      );
    });

    it('stop at the first failure where asked', async () => {
      assert.deepEqual(
        await batch([{ requestType: 'Nope' }, { requestType: 'GetStats' }], { haltOnFailure: true }),
        [204],
      );
    });

    it('sleep frames on the graphics thread, and not at all in parallel', async () => {
      const sleep = [{ requestType: 'Sleep', requestData: { sleepFrames: 2 } }];
      assert.deepEqual(await batch(sleep, { executionType: FRAMES }), [100]);
      assert.deepEqual(await batch(sleep, { executionType: PARALLEL }), [206]);
      await assert.rejects(obs.call('Sleep', { sleepMillis: 1 }), { code: 206, message: '' });
    });

    it('mislabel the results of Parallel, as OBS does', async () => {
      simulator.faults.delayNext('GetStats', 400);
      const results = await obs.callBatch(
        [{ requestType: 'GetStats' }, { requestType: 'GetStudioModeEnabled' }],
        { executionType: PARALLEL },
      );
      assert.deepEqual(results[0]?.requestType, 'GetStats');
      assert.deepEqual(Object.keys(results[0]?.responseData ?? {}), ['studioModeEnabled']);
    });

    it('hand variables from one request to the next', async () => {
      const results = await obs.callBatch([
        { requestType: 'GetSceneList', outputVariables: { scene: 'currentProgramSceneName' } },
        { requestType: 'GetSceneItemList', requestData: {}, inputVariables: { sceneName: 'scene' } },
      ] as unknown as RequestBatchRequest[]);
      assert.equal(results[1]?.requestStatus.code, 100);
    });

    it('end the program where an entry is no object, as measured', async () => {
      obs.on('ConnectionClosed', () => undefined);
      obs.callBatch(['x'] as never).catch(() => undefined);
      await waitFor(() => simulator.crashed);
      assert.equal(simulator.listening, false);
    });
  });

  it('now and then does a later message first', async () => {
    const client = await bareClient(simulator.url, PASSWORD, 0);
    const order: number[] = [];
    await Promise.all(
      Array.from({ length: 500 }, (_, index) =>
        client
          .call('SetInputVolume', { inputName: 'Microphone', inputVolumeDb: -index / 10 })
          .then(() => order.push(index)),
      ),
    );
    assert.equal(order.length, 500);
    assert.ok(order.some((value, at) => at > 0 && value < (order[at - 1] ?? 0)));
    await client.close();
  });

  it('survives hostile input', async () => {
    const client = await bareClient(simulator.url, PASSWORD, 0);
    const deep = JSON.parse('{"a":'.repeat(5000) + '1' + '}'.repeat(5000)) as Record<string, never>;
    const poisoned = JSON.parse('{"__proto__":{"polluted":true},"constructor":{"x":1}}') as Record<
      string,
      never
    >;
    await client.call('SetInputSettings', { inputName: 'Title', inputSettings: poisoned });
    await client.call('SetStreamServiceSettings', {
      streamServiceType: 'rtmp_custom',
      streamServiceSettings: poisoned,
    });
    assert.equal(({} as Record<string, unknown>).polluted, undefined);
    await client.call('SetInputSettings', { inputName: 'Title', inputSettings: deep }).catch(() => undefined);
    await assert.rejects(client.obs.call('__proto__' as never), { code: 204 });
    await assert.rejects(
      client
        .call('CreateScene', { sceneName: 'x'.repeat(1000), constructor: 1 } as never)
        .then(() => client.call('CreateScene', { sceneName: 'x'.repeat(1000) })),
      { code: 601 },
    );
    await assert.rejects(client.call('GetProfileParameter', { parameterCategory: '__proto__' } as never), {
      code: 300,
    });
    await client.close();
    // noise, half a handshake, and a message above websocketpp's 32 MB
    const noise = connect(simulator.port, '127.0.0.1', () => noise.end('\0\x01 nonsense\r\n\r\n'));
    noise.on('error', () => undefined);
    const half = connect(simulator.port, '127.0.0.1', () => half.write('GET / HTTP/1.1\r\nUpgrade: webso'));
    half.on('error', () => undefined);
    assert.equal((await endOf(() => `"${'x'.repeat(33 * 1024 * 1024)}"`, false)).code, 1009);
    half.destroy();
    const again = await bareClient(simulator.url, PASSWORD);
    await again.call('GetVersion');
    await again.close();
  });
});
