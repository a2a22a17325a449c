// The packed tarball as a person installs it: into an empty user folder, on each Node.js and Node-RED of the support floor.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { WebSocket } from 'ws';
import { type Program, freePort, startProgram, tempDir, waitFor } from '../support';
import { writtenLog } from '../support/written-log';
import { type FlowNode, examples, nodeNames, packageJson, root, sizeOf } from './files';

const MEGABYTE = 1_000_000;
const matrix = join(root, 'test', 'matrix');

/** The Node.js of test/matrix, which is installed first where it is missing. */
function node24(): string {
  const find = (): string | undefined =>
    filesIn(join(matrix, 'node_modules'))
      .filter((name) => /^node-(linux|darwin|bin)-/.test(name))
      .map((name) => join(matrix, 'node_modules', name, 'bin', 'node'))
      .find((file) => existsSync(file));
  if (!find()) npm(['ci', '--no-audit', '--no-fund'], matrix);
  const found = find();
  assert.ok(found, 'no Node.js 24 for this platform in test/matrix');
  return found;
}

const filesIn = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder) : []);

interface NodeSet {
  id: string;
  module: string;
  version: string;
  enabled: boolean;
  types: string[];
  err?: string;
}

/** Runs npm of the Node.js that runs this and gives what it printed. */
function npm(args: string[], cwd: string): string {
  const own = process.env.npm_execpath;
  const [command, first] = own?.endsWith('.js') ? [process.execPath, [own]] : ['npm', []];
  return execFileSync(command, [...first, ...args], {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    // the variables of an outer npm run would choose its folder and flags for this one
    env: Object.fromEntries(
      Object.entries(process.env).filter(
        ([name]) => !/^npm_(config_(prefix|local_prefix|global)|package_|lifecycle_)/i.test(name),
      ),
    ),
  });
}

describe('the packed tarball', function () {
  this.timeout(300_000);
  let userDir: string;
  let packed: string[];

  before(() => {
    assert.ok(existsSync(join(root, 'dist')), 'not built: run "npm run build" first');
    const folder = tempDir('packed');
    const [about] = JSON.parse(
      npm(['pack', '--json', '--ignore-scripts', '--pack-destination', folder], root),
    ) as [{ filename: string; files: { path: string }[] }];
    packed = about.files.map(({ path }) => path);
    userDir = join(tempDir('user'), 'data');
    mkdirSync(userDir);
    writeFileSync(join(userDir, 'package.json'), JSON.stringify({ name: 'node-red-project', private: true }));
    const file = join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '');
    npm(['install', file, '--omit=dev', '--no-audit', '--no-fund', '--prefer-offline'], userDir);
  });

  it('holds what runs, the examples and the texts, and no source, test or map of this machine', () => {
    const started = 'dist/lib/rtmp/isolated/child.js';
    for (const file of [
      'package.json',
      'README.md',
      'LICENSE',
      'CHANGELOG.md',
      'resources/editor.js',
      started,
    ])
      assert.ok(packed.includes(file), file);
    assert.deepEqual(
      packed.filter(
        (file) =>
          !/^(dist|examples|resources)\/|^(package\.json|README\.md|LICENSE|CHANGELOG\.md)$/.test(file),
      ),
      [],
    );
    assert.deepEqual(
      packed.filter((file) => /\.(ts|tsbuildinfo|spec\.js)$/.test(file) && !file.endsWith('.d.ts')),
      [],
    );
  });

  it('takes 12 MB and 25 packages at most, all of it', () => {
    const modules = join(userDir, 'node_modules');
    const lock = JSON.parse(readFileSync(join(modules, '.package-lock.json'), 'utf8')) as {
      packages: Record<string, unknown>;
    };
    const count = Object.keys(lock.packages).length;
    const bytes = sizeOf(modules);
    assert.ok(count <= 25, `${count} packages`);
    assert.ok(bytes <= 12 * MEGABYTE, `${(bytes / MEGABYTE).toFixed(1)} MB`);
  });

  it('has its commands', () => {
    const command = (name: string, ...args: string[]) =>
      execFileSync(join(userDir, 'node_modules', '.bin', name), args, { encoding: 'utf8' });
    assert.match(command('live-simulator', '--help'), /live-simulator obs/);
    const log = writtenLog([{ type: 'message', data: 1 }]);
    const folder = log.put(join(tempDir('log'), 'main'));
    assert.match(command('live-witness', 'verify', folder, '--vkey', log.vkey), /^VALID: /);
  });

  const floors = [
    { name: 'Node.js 20 with Node-RED 4.1', node: '20', nodeRed: '4.1', folder: root },
    { name: 'Node.js 24 with Node-RED 5', node: '24', nodeRed: '5', folder: matrix },
  ];

  for (const floor of floors)
    it(`runs on ${floor.name}: every node registers, and the first example goes live`, async () => {
      const program = floor.node === '24' ? node24() : process.execPath;
      const nodeRedDir = join(floor.folder, 'node_modules', 'node-red');
      const { version } = JSON.parse(readFileSync(join(nodeRedDir, 'package.json'), 'utf8')) as {
        version: string;
      };
      assert.ok(version.startsWith(`${floor.nodeRed}.`), version);
      const nodeVersion = execFileSync(program, ['--version'], { encoding: 'utf8' });
      // whoever develops on a newer Node.js tests that one; the strict run tests the floor itself
      if (floor.node === '24' || process.env.LIVE_STRICT === '1')
        assert.ok(nodeVersion.startsWith(`v${floor.node}.`), nodeVersion);

      const port = await freePort();
      const settings = join(dirname(userDir), `settings-${floor.node}.cjs`);
      writeFileSync(
        settings,
        `module.exports = { uiHost: '127.0.0.1', credentialSecret: 'only for this test', telemetry: { enabled: false } };`,
      );
      // by way of env, since the program is a path and not a name to look for
      const nodeRed = await startProgram('env', [
        program,
        join(nodeRedDir, 'red.js'),
        '--userDir',
        userDir,
        '--settings',
        settings,
        '--port',
        String(port),
        `flows-${floor.node}.json`,
      ]);
      try {
        await check(nodeRed, port);
      } finally {
        await nodeRed.close('SIGINT');
      }
    });

  async function check(nodeRed: Program, port: number): Promise<void> {
    const get = async (path: string): Promise<unknown> => {
      const headers = { accept: 'application/json', connection: 'close' };
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers });
      assert.ok(answer.ok, `${path}: ${answer.status}`);
      return await answer.json();
    };
    const said = { timeoutMs: 90_000, message: () => `Node-RED; it said:\n${nodeRed.log().slice(-3000)}` };
    const sets = (await waitFor(async () => await get('/nodes'), said)) as NodeSet[];
    const own = sets.filter(({ module }) => module === packageJson.name);
    assert.deepEqual(
      own.filter(({ err, enabled }) => err !== undefined || !enabled),
      [],
    );
    assert.deepEqual(
      own.flatMap(({ types }) => types).sort(),
      nodeNames.map((name) => `live-${name}`).sort(),
    );
    for (const { version } of own) assert.equal(version, packageJson.version);

    const icons = (await get('/icons')) as Record<string, string[]>;
    for (const name of nodeNames) {
      const there = Object.entries(icons).some(
        ([module, files]) => module.startsWith(packageJson.name) && files.includes(`live-${name}.svg`),
      );
      assert.ok(there, `the icon of ${name}`);
    }
    const inMenu = await examplesBelow(get, '');
    assert.deepEqual(
      inMenu.sort(),
      [...examples().keys()].map((file) => file.slice('examples/'.length, -'.json'.length)).sort(),
    );
    const help = await fetch(`http://127.0.0.1:${port}/nodes`, {
      headers: { accept: 'text/html', connection: 'close' },
    });
    assert.match(await help.text(), /data-help-name="live-start-stream"/);

    await goLive(nodeRed, port);
    assert.doesNotMatch(nodeRed.log(), /\[(warn|error)\].*live-/i);
  }

  /** The Import menu of the editor, folder by folder. */
  async function examplesBelow(get: (path: string) => Promise<unknown>, folder: string): Promise<string[]> {
    const path = [packageJson.name, ...folder.split('/').filter(Boolean)].map(encodeURIComponent).join('/');
    const entries = (await get(`/library/examples/flows/${path.replace('%2F', '/')}/`)) as (
      string | { fn: string }
    )[];
    const found: string[] = [];
    for (const entry of entries) {
      if (typeof entry !== 'string') found.push(`${folder}${entry.fn}`.replace(/\.json$/, ''));
      else found.push(...(await examplesBelow(get, `${folder}${entry}/`)));
    }
    return found;
  }

  /** Deploys the first example, presses its first button and waits for the message in the debug sidebar. */
  async function goLive(nodeRed: Program, port: number): Promise<void> {
    const nodes = [...examples().values()][0] as FlowNode[];
    const texts: string[] = [];
    const badges = new Map<string, string>();
    const socket = new WebSocket(`ws://127.0.0.1:${port}/comms`);
    try {
      await new Promise((resolve, reject) => {
        socket.once('open', resolve);
        socket.once('error', reject);
      });
      socket.on('message', (data: Buffer) => {
        type Entry = { topic: string; data: { name?: string; text?: string } };
        for (const { topic, data: told } of [JSON.parse(data.toString()) as Entry | Entry[]].flat()) {
          if (topic === 'debug') texts.push(JSON.stringify(told));
          if (topic.startsWith('status/')) badges.set(topic.slice('status/'.length), told.text ?? '');
        }
      });
      for (const topic of ['debug', 'status/#']) socket.send(JSON.stringify({ subscribe: topic }));
      const post = async (path: string, body: unknown): Promise<void> => {
        const headers = { 'content-type': 'application/json', connection: 'close' };
        const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
          method: 'POST',
          headers,
          body: JSON.stringify(body),
        });
        assert.ok(answer.ok, `${path}: ${answer.status} ${await answer.text()}`);
      };
      await post('/flows', nodes);
      const id = (type: string): string => nodes.find((node) => node.type === type)?.id ?? '';
      const message = () => `badges ${JSON.stringify([...badges])}, ${nodeRed.log().slice(-2000)}`;
      await waitFor(() => badges.get(id('live-start-stream')) === 'sim ready', { message });
      await post(`/inject/${id('inject')}`, {});
      await waitFor(() => texts.some((text) => text.includes('stream_started')), { message });
      await waitFor(() => badges.get(id('live-stream-started')) === 'sim live', { message });
    } finally {
      socket.close();
    }
  }
});
