// A Node-RED in a process of its own that takes pictures of a real publisher: deployed again and again, and killed.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { StoredKeys } from '../../lib/keys/store';
import { type FlowNode, type NodeRed, startNodeRed } from '../editor/support';
import { freePort, loops, type Program, requirePrograms, tempDir, waitFor } from '../support';
import { numberedFilm } from '../support/film-feed';
import { alive } from '../support/programs';
import { publishFilm } from '../support/published';
import { ingestNode, keysNode } from './support/ingest';

interface Stored {
  connectionId?: string;
  why?: string;
}

describe('a Node-RED that takes pictures of a publisher', function () {
  this.timeout(240_000);
  let nodeRed: NodeRed | null = null;
  let publisher: Program | null = null;
  let folder: string;

  before(function () {
    requirePrograms(this, ['ffmpeg', 'ps']);
  });
  afterEach(async () => {
    await publisher?.close('SIGKILL');
    await nodeRed?.close();
  });

  /** The lines of the store's index, of all hours. */
  const stored = (): Stored[] => {
    const root = join(folder, 'frames');
    if (!existsSync(root)) return [];
    return readdirSync(root, { recursive: true })
      .map(String)
      .filter((name) => name.endsWith('index.ndjson'))
      .sort()
      .flatMap((name) => readFileSync(join(root, name), 'utf8').split('\n').slice(0, -1))
      .map((line) => JSON.parse(line) as Stored)
      .filter(({ connectionId }) => connectionId !== undefined);
  };
  /** The ffmpeg that this Node-RED has started. */
  const decoders = (): number[] => {
    const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat=,args='], { encoding: 'utf8' });
    return rows.split('\n').flatMap((row) => {
      const [, pid, parent, state] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s.*pipe:0/.exec(row) ?? [];
      return parent === String(nodeRed!.program.pid) && !state!.startsWith('Z') ? [Number(pid)] : [];
    });
  };
  const said = () => nodeRed!.program.log().slice(-2_000);
  const goesOn = async (): Promise<void> => {
    const before = stored().length;
    await waitFor(() => stored().length > before, { timeoutMs: 60_000, intervalMs: 50, message: said });
  };
  const deploy = async (flows: FlowNode[], how: 'full' | 'nodes'): Promise<void> => {
    const answer = await fetch(`${nodeRed!.url}flows`, {
      method: 'POST',
      headers: {
        ...{ 'content-type': 'application/json', connection: 'close' },
        ...{ 'Node-RED-API-Version': 'v2', 'Node-RED-Deployment-Type': how },
      },
      body: JSON.stringify({ flows }),
    });
    assert.equal(answer.status, 200, await answer.text());
  };

  it('keeps its publisher and the one decoder over deploys of both kinds; none is left when the node goes, or when it is killed', async () => {
    folder = tempDir('restarts');
    const port = await freePort();
    const keys = new StoredKeys({ path: join(folder, 'keys', 'people.json'), mostPeople: 5 });
    const { streamKey } = await keys.create({ id: 'anna', name: 'Anna' });
    await keys.close();
    const capture: FlowNode = {
      ...{ id: 'pictures', type: 'live-capture-frames', z: 'tab', x: 200, y: 100, name: '', wires: [[], []] },
      ...{ configVersion: 1, source: 'ingest', ingest: 'ingest', server: '', stream: '' },
      ...{
        everySeconds: '0.5',
        sampling: 'auto',
        cells: '2',
        delta: '12',
        masks: '',
        keepAliveSeconds: '0.5',
      },
      ...{ width: '320', quality: '90', store: 'store', picture: 'path', waits: false, ffmpeg: '' },
    };
    const config: FlowNode[] = [
      { id: 'tab', type: 'tab', label: 'Show' },
      keysNode(folder),
      ingestNode(port),
      {
        ...{ id: 'store', type: 'live-frame-store', name: 'show', configVersion: 1 },
        ...{ folder: join(folder, 'frames'), keepDays: '0', mostGb: '0', leastFreeGb: '0' },
      },
    ];
    const flow = [...config, capture];
    nodeRed = await startNodeRed();
    await deploy(flow, 'full');
    await waitFor(() => nodeRed!.program.log().includes('Started'), { message: said });
    const film = await numberedFilm({ fps: 10, gop: 5, seconds: 4 });
    publisher = await publishFilm(film, `rtmp://127.0.0.1:${port}/live/${streamKey}`);
    // from the third key frame on the decoder knows how far apart they are
    await waitFor(() => stored().length > 8, { timeoutMs: 60_000, intervalMs: 50, message: said });
    const [decoder, ...others] = decoders();
    assert.ok(decoder);
    assert.deepEqual(others, []);
    for (let i = 0; i < loops(20, 4); i++) {
      // with Modified Nodes only what differs is begun anew: the capture itself
      const changed = { ...capture, name: `pictures ${i}`, x: 200 + i };
      await deploy([...config, changed], i % 2 === 0 ? 'nodes' : 'full');
      await goesOn();
      assert.deepEqual(decoders(), [decoder], `deploy ${i}; ${said()}`);
    }
    assert.ok(publisher.running);
    assert.equal(new Set(stored().map(({ connectionId }) => connectionId)).size, 1);
    assert.equal(stored().filter(({ why }) => why === 'first').length, 1);

    await deploy(config, 'nodes');
    await waitFor(() => decoders().length === 0, {
      timeoutMs: 5_000,
      message: () => `the decoder to be gone with the node; ${decoders().join(' ')}`,
    });
    assert.ok(publisher.running);

    await deploy(flow, 'nodes');
    await goesOn();
    const [last] = decoders();
    assert.ok(last && last !== decoder);
    process.kill(nodeRed.program.pid, 'SIGKILL');
    await waitFor(() => !alive(last), { message: 'the decoder to end with Node-RED' });
    await publisher.waitExit();
    assert.ok(!nodeRed.program.log().includes(streamKey.split('=')[1]!));
  });
});
