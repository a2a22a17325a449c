/* eslint-disable @typescript-eslint/no-unsafe-member-access -- a message carries anything */
import assert from 'node:assert/strict';
import { fingerprint } from '../../red/leases';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ObsSimulator } from '../../simulators/obs';
import { tempDir } from '../support/temp';
import {
  application,
  around,
  connectionIs,
  connectionTo,
  deploy,
  heardBy,
  helper,
  load,
  logged,
  send,
  settle,
  simulate,
  tearDown,
  waitFor,
  type Flow,
  type FlowNode,
} from './support/rig';
import { HEALTH } from './support/health';
import { mustNotTell } from './support/untold';

// characters that JSON, URLs and base64 write in another way
const odd = (word: string) => `${word} "q\\ü/+?&=%#`;
const SECRETS = {
  connection: odd('CONNECTIONPW'),
  key: odd('STREAMKEY'),
  user: 'PLAINUSER',
  password: odd('LOGINPW'),
  passphrase: 'PASSPHRASE/+ü 12345',
  bearer: 'BEARER.tok+en/==',
  env: odd('ENVSECRET'),
  message: odd('MESSAGEKEY'),
  raw: odd('RAWKEY'),
  old: odd('OLDKEYOFOBS'),
  url: 'URLKEY-in-a-path',
};

const untold = (where: string, told: unknown) => mustNotTell(where, told, SECRETS);

describe('secrets', () => {
  let obs: ObsSimulator;
  const folder = tempDir('secrets');
  mkdirSync(join(folder, 'x'));
  afterEach(tearDown);

  const on = (id: string, type: string, more: object = {}): FlowNode => ({
    id,
    z: 'tab',
    x: 1,
    y: 1,
    type,
    application: 'obs',
    obs: 'studio',
    waitSeconds: '0',
    wires: [['out']],
    ...more,
  });
  const target = (id: string, service: string, server: string): FlowNode => ({
    id,
    type: 'live-stream-target',
    name: id.replace('t-', 'to '),
    service,
    server,
    configVersion: 1,
  });
  const flow = (): Flow =>
    around(
      { type: 'live-event', source: 'show', events: [], filters: [], limit: '0', present: true },
      connectionTo(obs),
      target('t-rtmp', 'rtmp', 'rtmp://live.example/app'),
      target('t-twitch', 'twitch', ''),
      target('t-srt', 'srt', 'srt://live.example:9000'),
      target('t-whip', 'whip', 'https://live.example/whip'),
      target('t-wrong', 'srt', 'http://live.example'),
      on('start', 'live-start-stream', {
        targetFrom: 'message',
        targetName: 'target',
        targetNameType: 'msg',
        confirmSeconds: '1',
        ifLive: 'restart',
        onUnstable: 'stop',
        putBack: true,
      }),
      on('stop', 'live-stop-stream'),
      on('record', 'live-record', {
        action: 'message',
        folder: 'folder',
        folderType: 'msg',
        fileName: '',
        fileNameType: 'str',
        format: '',
      }),
      on('report', 'live-status', { every: '0' }),
      on('health', 'live-health-alert', { ...HEALTH, wires: [['out'], ['out']] }),
      on('stopall', 'live-stop-all'),
      on('request', 'live-obs-request', {
        mode: 'request',
        requestType: 'type',
        requestTypeType: 'msg',
        requestData: 'payload',
        requestDataType: 'msg',
      }),
      on('batch', 'live-obs-request', {
        mode: 'batch',
        batch: 'payload',
        batchType: 'msg',
        executionType: 'serial-realtime',
      }),
      on('raw', 'live-event', {
        source: 'raw',
        rawEvents: 'StreamStateChanged CustomEvent InputSettingsChanged RecordStateChanged',
        filters: [],
        limit: '0',
      }),
    );
  const credentials = {
    studio: { password: SECRETS.connection },
    't-rtmp': { key: SECRETS.key, user: SECRETS.user, password: SECRETS.password },
    't-twitch': { key: '${LIVE_TEST_SECRET}' },
    't-srt': { key: SECRETS.key, password: SECRETS.passphrase },
    't-whip': { key: SECRETS.bearer },
    't-wrong': { key: SECRETS.key, password: SECRETS.passphrase },
  };

  it('appear in no message, badge, log line, error, exported flow or fingerprint, in any form', async () => {
    process.env.LIVE_TEST_SECRET = SECRETS.env;
    obs = await simulate({ password: SECRETS.connection, recordFolder: folder, profile: 'obs-32' });
    const answered = async (id: string, msg: object) => {
      const count = () => heardBy('out').filter(({ live }) => live?.action).length + heardBy('caught').length;
      const before = count();
      send(structuredClone(msg), id);
      await waitFor(() => count() > before, {
        timeoutMs: 15_000,
        message: `an answer of ${id} to ${Object.keys(msg).join()}`,
      });
    };
    try {
      await load(flow(), credentials);
      await connectionIs('ready');
      await application().client.call('SetStreamServiceSettings', {
        streamServiceType: 'rtmp_custom',
        streamServiceSettings: {
          server: `rtmp://live.example/app/${SECRETS.url}`,
          key: SECRETS.old,
          use_auth: true,
          username: SECRETS.user,
          password: SECRETS.password,
        },
      });

      await answered('report', {});
      await answered('request', { type: 'GetStreamServiceSettings', payload: {} });
      for (const name of ['to rtmp', 'to twitch', 'to srt', 'to whip', 'to wrong', 'unknown'])
        await answered('start', { target: name });
      await answered('report', {});
      for (const payload of ['current', 'history', 'status', 'no such thing'])
        await answered('health', { payload });
      await answered('stop', {});
      obs.faults.denyStreams();
      await answered('start', { target: 'to rtmp' });
      obs.faults.allowStreams();
      const service = (key: string) => ({
        streamServiceType: 'rtmp_custom',
        streamServiceSettings: { server: 'rtmp://live.example/app', key },
      });
      await answered('request', { type: 'SetStreamServiceSettings', payload: service(SECRETS.message) });
      await answered('request', {
        type: 'SetStreamServiceSettings',
        payload: { ...service(SECRETS.message), streamServiceType: 'no_such_service' },
      });
      await answered('request', {
        type: 'BroadcastCustomEvent',
        payload: { eventData: { password: SECRETS.raw, text: `it is ${SECRETS.key}` } },
      });
      await answered('request', { type: 'Bad Name', payload: { key: SECRETS.raw } });
      await answered('batch', {
        payload: [
          { requestType: 'SetStreamServiceSettings', requestData: service(SECRETS.raw) },
          { requestType: 'GetStreamServiceSettings' },
          { requestType: 'Nonsense', requestData: { token: SECRETS.raw } },
        ],
      });
      await answered('batch', {
        payload: [
          { requestType: 'SetStreamServiceSettings', requestData: service(SECRETS.raw) },
          { requestType: '' },
        ],
      });
      await answered('record', { payload: 'start', folder: `rtmp://live.example/app/${SECRETS.url}` });
      await answered('record', { payload: 'stop' });
      obs.emit('CustomEvent', {
        eventData: {
          url: `rtmp://live.example/app/${SECRETS.url}`,
          at: `srt://live.example:9000?passphrase=${encodeURIComponent(SECRETS.passphrase)}`,
          text: `${SECRETS.bearer} ${Buffer.from(`u:${SECRETS.password}`).toString('base64')}`,
        },
      });
      obs.emit('RecordStateChanged', {
        outputActive: true,
        outputState: 'OBS_WEBSOCKET_OUTPUT_STARTED',
        outputPath: `rtmp://live.example/app/${SECRETS.url}`,
      });
      await settle(100);
      await answered('record', { payload: 'start' });
      await answered('report', {});
      await answered('stopall', {});
      await deploy(
        flow().map((node) => (node.id === 'studio' ? { ...node, name: 'Renamed' } : node)),
        'full',
        credentials,
      );
      await settle(200);

      for (const id of ['out', 'interim', 'caught', 'completed', 'badges'])
        untold(`a message at ${id}`, heardBy(id));
      assert.ok(
        heardBy('out').length > 15 && heardBy('caught').length > 5,
        `${heardBy('out').length} messages, ${heardBy('caught').length} errors`,
      );
      untold('the log', logged());
      const { flows } = (
        helper as unknown as { _redNodes: { getFlows(): { flows: unknown } } }
      )._redNodes.getFlows();
      untold('the exported flow', flows);
      untold(
        'the fingerprint',
        fingerprint({ host: 'x', port: 1, tls: false, password: SECRETS.connection }),
      );
      untold('the events of the present state', application().events.present());
    } finally {
      delete process.env.LIVE_TEST_SECRET;
    }
  }).timeout(60_000);
});
