// The example of a vMix's health, imported into a real Node-RED, on a simulated vMix: its page, its buttons, its alert to Slack.
import assert from 'node:assert/strict';
import { startVmixSimulator, type VmixSimulator } from '../../simulators/vmix';
import { type NodeRed, startNodeRed } from '../editor/support';
import { waitFor } from '../support';
import { Example, Receiver } from './support/example';

interface Page {
  now: {
    verdict: string;
    why: string[];
    incidents: { title: string }[];
    outputs: { output: string; running: boolean }[];
    metrics: { recordingMs: number | null; streams: { output: string; state: string }[] };
  } | null;
  age: number | null;
  points: { peakDb: number | null; kbps: number | null }[];
  alerts: { change: string; title: string }[];
}

describe('The example of the health of a vMix', function () {
  this.timeout(90_000);
  let nodeRed: NodeRed;
  let vmix: VmixSimulator;
  let slack: Receiver;

  before(async () => {
    nodeRed = await startNodeRed();
  });
  after(() => nodeRed?.close());
  beforeEach(async () => {
    vmix = await startVmixSimulator({ speed: 10, random: () => 0.5 });
    slack = await (await Receiver.reserve()).open();
  });
  afterEach(async () => {
    await vmix.close();
    await slack.close();
  });

  const state = async (): Promise<Page> => {
    const answer = await fetch(new URL('live/vmix/state', nodeRed.url), { headers: { connection: 'close' } });
    assert.equal(answer.status, 200);
    return (await answer.json()) as Page;
  };
  const deploy = async () => {
    const example = new Example('09 vMix/05').onVmix(vmix).fill({ SLACK_WEBHOOK: `${slack.address}/hook` });
    Object.assign(example.node('live-vmix-connection'), { pollSeconds: '0.5' });
    Object.assign(example.node('live-health-alert'), {
      sampleSeconds: '1',
      overrides: { fadedOut: { warnSeconds: '1', clearSeconds: '0' } },
    });
    await nodeRed.deploy(example.nodes);
    await waitFor(async () => (await state()).now?.verdict === 'ok', { message: 'the first sample' });
    return example;
  };

  it('the page shows what is on, an alert arrives, and a planned end is none', async () => {
    const example = await deploy();
    const page = await fetch(new URL('live/vmix', nodeRed.url), { headers: { connection: 'close' } });
    assert.match(page.headers.get('content-type') ?? '', /text\/html/);
    assert.match(await page.text(), /<title>Health of vMix<\/title>/);
    for (const button of ['go live', 'record', 'SRT on']) await example.press(nodeRed, button);
    const live = await waitFor(async () => {
      const { now } = await state();
      const srt = now?.outputs.find(({ output }) => output === 'srt1');
      const on =
        now?.metrics.streams[0]?.state === 'live' && srt?.running && now.metrics.recordingMs !== null;
      return on ? now : null;
    });
    assert.equal(live.verdict, 'unknown');
    assert.match(live.why.join(), /stream1: it has only just begun/);

    await example.press(nodeRed, 'fade to black, and back');
    const first = await waitFor(() => slack.got[0], { message: 'the message to Slack' });
    const { blocks, text } = JSON.parse(first.body) as { blocks: { text: { text: string } }[]; text: string };
    assert.match(text, /faded to black/);
    assert.match(blocks[0]!.text.text, /Try first: /);
    await waitFor(async () => (await state()).now?.verdict === 'degraded');
    await example.press(nodeRed, 'fade to black, and back');
    await waitFor(() => slack.got.length === 2);
    await waitFor(async () => (await state()).alerts.length === 2);
    assert.deepEqual(
      (await state()).alerts.map(({ change }) => change),
      ['recovered', 'opened'],
    );

    await example.press(nodeRed, 'end the show');
    await waitFor(async () => {
      const { now } = await state();
      return now?.verdict === 'ok' && now.metrics.recordingMs === null;
    });
    assert.equal(slack.got.length, 2);
    assert.ok((await state()).points.length > 3);

    // what nobody asked for is told
    await example.press(nodeRed, 'record');
    await waitFor(async () => (await state()).now?.metrics.recordingMs !== null);
    vmix.studio.record(false, 0);
    await waitFor(() => slack.got.length === 3);
    assert.match(slack.got[2]!.body, /Recording: it went off/);
  });

  it('without an address nothing is sent, and nothing fails', async () => {
    const example = new Example('09 vMix/05').onVmix(vmix);
    Object.assign(example.node('live-vmix-connection'), { pollSeconds: '0.5' });
    Object.assign(example.node('live-health-alert'), {
      overrides: { muted: { warnSeconds: '0' } },
      when: 'always',
    });
    await nodeRed.deploy(example.nodes);
    await waitFor(async () => (await state()).now !== null);
    await example.press(nodeRed, 'mute the master');
    await waitFor(async () => (await state()).alerts.some(({ title }) => /master is muted/.test(title)));
    assert.equal(slack.got.length, 0);
  });
});
