import assert from 'node:assert/strict';
import { LiveError } from '../../lib/errors';
import { closeFault, connectFault, isFinal } from '../../lib/obs/faults';
import { maskFor } from '../../lib/obs/event-table';
import { startsStream } from '../../lib/obs/raw-requests';
import { checkedName, formatFor, isSameFile } from '../../lib/obs/record-settings';
import { parseObsSettings } from '../../lib/obs/settings';
import { wasRestarted } from '../../lib/obs/snapshot';

const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return error instanceof LiveError ? error.code : String(error);
  }
  return 'no error';
};

describe('what OBS needs', () => {
  it('settings as people type them', () => {
    const parse = (host: string, port: string | number = '4455') =>
      parseObsSettings({ host, port, tls: false, password: '' });
    for (const [typed, host, port, tls] of [
      [' studio ', 'studio', 4455, false],
      ['studio:4466', 'studio', 4466, false],
      ['ws://10.0.0.5:4456/', '10.0.0.5', 4456, false],
      ['wss://obs.example', 'obs.example', 4455, true],
      ['[::1]:4460', '::1', 4460, false],
      ['::1', '::1', 4455, false],
      ['obsws://studio:4457/password', 'studio', 4457, false],
    ] as const)
      assert.deepEqual({ ...parse(typed), password: '' }, { host, port, tls, password: '' }, typed);
    for (const host of ['', ' ', 'a b', 'a/b', 'ü', 'a;b', 'a"'])
      assert.equal(
        codeOf(() => parse(host)),
        'CONFIG_INVALID',
        host,
      );
    for (const port of ['', '0', '65536', '-1', '4455.5', 'x', '1e3', ' '])
      assert.equal(
        codeOf(() => parse('studio', port)),
        'CONFIG_INVALID',
        port,
      );
  });

  it('file names, formats and what counts as the same file', () => {
    for (const name of [
      '',
      ' ',
      '../x',
      'a/../b',
      '/x',
      '\\x',
      'C:x',
      'a:b',
      'a*',
      'a?',
      'a|b',
      'a"b',
      '<a>',
      'a\nb',
      'x'.repeat(201),
    ])
      assert.equal(
        codeOf(() => checkedName(name)),
        'INPUT_INVALID',
        JSON.stringify(name),
      );
    for (const name of ['Show 7', '%CCYY-%MM-%DD %hh', 'a..b', 'sub/name', 'Gottesdienst übermorgen'])
      assert.equal(checkedName(` ${name} `), name);
    assert.equal(formatFor('RecFormat', '.MKV'), 'mkv');
    assert.equal(formatFor('RecFormat', 'mpegts'), 'ts');
    assert.equal(formatFor('RecFormat2', 'ts'), 'mpegts');
    assert.equal(
      codeOf(() => formatFor('RecFormat', 'hybrid_mp4')),
      'RECORD_SETTING_REFUSED',
    );
    assert.ok(isSameFile('/v/Show.mkv', { folder: '/v/', fileName: 'Show' }));
    assert.ok(isSameFile('C:\\v\\Show (2).mkv', { folder: 'C:/v', fileName: 'Show' }));
    assert.ok(isSameFile('/v/2024-01-02 x.mkv', { fileName: '%CCYY-%MM-%DD x' }));
    assert.ok(!isSameFile('/v/Showtime.mkv', { fileName: 'Show' }));
    assert.ok(!isSameFile('/vv/Show.mkv', { folder: '/v', fileName: 'Show' }));
  });

  it('faults that look alike are named together, and only those a person must mend are final', () => {
    const attempt = (code?: string, message = '') => ({
      where: 'h:1',
      host: 'localhost',
      passwordSent: true,
      socketError: code || message ? Object.assign(new Error(message), code ? { code } : {}) : null,
    });
    const of = (code?: string, message?: string, container = false) =>
      connectFault(new Error(message ?? 'x'), attempt(code, message), container).code;
    assert.equal(of('ECONNREFUSED'), 'OBS_REFUSED');
    assert.equal(of('ECONNREFUSED', '', true), 'OBS_CONTAINER_LOOPBACK');
    for (const code of ['ENOTFOUND', 'EHOSTUNREACH', 'ETIMEDOUT']) assert.equal(of(code), 'OBS_UNREACHABLE');
    assert.equal(of('DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed certificate'), 'OBS_TLS_FAILED');
    assert.equal(of(undefined, 'Unexpected server response: 404'), 'OBS_NOT_OBS');
    assert.equal(of(undefined, 'Server sent no subprotocol'), 'OBS_TOO_OLD');
    for (const [code, name, final] of [
      [4009, 'OBS_WRONG_PASSWORD', true],
      [4010, 'OBS_TOO_OLD', true],
      [4011, 'OBS_KICKED', true],
      [4002, 'OBS_NOT_OBS', false],
    ] as const) {
      const fault = closeFault(code, 'why', attempt());
      assert.deepEqual([fault.code, isFinal(fault)], [name, final]);
    }
    assert.equal(closeFault(4009, '', { ...attempt(), passwordSent: false }).code, 'OBS_PASSWORD_MISSING');
  });

  it('another run of OBS is told from a long absence', () => {
    const mark = (atMs: number, renderedFrames: number | null, salt: string | null = 'a') => ({
      atMs,
      renderedFrames,
      salt,
      fps: 30,
    });
    assert.equal(wasRestarted(null, mark(0, 5)), false);
    assert.equal(wasRestarted(mark(0, 900), mark(10_000, 20)), true);
    assert.equal(
      wasRestarted(mark(0, 900), mark(10_000, 1200, 'b')),
      false,
      'the server alone was switched off and on',
    );
    assert.equal(
      wasRestarted(mark(0, 20), mark(60_000, 300, 'b')),
      true,
      'a young run before, and another one now',
    );
    assert.equal(wasRestarted(mark(0, 900), mark(10_000, 1200)), false);
  });

  it('requests that can start the stream', () => {
    const yes: [string, object?][] = [
      ['StartStream'],
      ['ToggleStream'],
      ['StartOutput', { outputName: 'simple_stream' }],
      ['ToggleOutput', { outputName: 'adv_stream' }],
      ['TriggerHotkeyByName', { hotkeyName: 'OBSBasic.StartStreaming' }],
      ['TriggerHotkeyByKeySequence', { keyId: 'OBS_KEY_F5' }],
    ];
    const no: [string, object?][] = [
      ['StopStream'],
      ['StartRecord'],
      ['StartOutput', { outputName: 'virtualcam_output' }],
      ['StartOutput'],
      ['TriggerHotkeyByName', { hotkeyName: 'OBSBasic.StopStreaming' }],
      ['TriggerHotkeyByName', { hotkeyName: 'x' }],
      ['GetStreamStatus'],
    ];
    for (const [requestType, requestData] of yes)
      assert.ok(startsStream({ requestType, requestData: requestData as never }), requestType);
    for (const [requestType, requestData] of no)
      assert.ok(!startsStream({ requestType, requestData: requestData as never }), requestType);
  });

  it('a mask brings what is asked for and no high-volume event unasked', () => {
    assert.equal(maskFor([]), 0);
    const meters = maskFor(['InputVolumeMeters']);
    assert.ok(meters >= 1 << 16);
    assert.equal(maskFor(['SomethingOfANewerObs']) & meters, 0);
    assert.equal(maskFor(['StreamStateChanged']), maskFor(['RecordStateChanged']));
  });
});
