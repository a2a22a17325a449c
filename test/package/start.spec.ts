// `npm start` as a person meets it: one command, one line with the address, Ctrl+C ends it.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type Program, freePort, startProgram, tempDir, waitFor } from '../support';

const root = join(__dirname, '..', '..');
const script = join(root, 'scripts', 'start.mjs');

interface FlowNode {
  id: string;
  type: string;
  [property: string]: unknown;
}

async function start(args: string[]): Promise<Program> {
  return await startProgram('node', [script, ...args], { cwd: root });
}

async function ready(program: Program): Promise<void> {
  await waitFor(() => !program.running || program.log().includes('is ready: http'), {
    timeoutMs: 120_000,
    message: () => `the address; it said:\n${program.log()}`,
  });
  assert.ok(program.running, program.log());
}

describe('npm start', function () {
  this.timeout(300_000);
  let program: Program | undefined;
  let port: number;
  let userDir: string;

  beforeEach(async () => {
    port = await freePort();
    userDir = tempDir('user');
  });

  afterEach(async () => {
    await program?.close();
    program = undefined;
  });

  const flows = (name: string): FlowNode[] =>
    JSON.parse(readFileSync(join(userDir, name), 'utf8')) as FlowNode[];

  it('opens Node-RED with the package and the first example, keeps edits, and ends with Ctrl+C', async () => {
    program = await start(['--port', String(port), '--userDir', userDir]);
    await ready(program);
    const address = `http://127.0.0.1:${port}`;
    assert.ok(program.log().includes(`${address}/`), 'the line with the address');
    const headers = { accept: 'application/json', connection: 'close' };
    const sets = (await (await fetch(`${address}/nodes`, { headers })).json()) as {
      module: string;
      err?: string;
    }[];
    const own = sets.filter((set) => set.module === '@infrafabric/node-red-live-production');
    assert.ok(own.length > 0, 'no node of the package is there');
    assert.deepEqual(
      own.filter((set) => set.err),
      [],
    );
    const first = flows('flows.json');
    const connection = first.find((node) => node.type === 'live-obs-connection');
    assert.equal(
      connection?.connectTo,
      'rehearsal',
      'the first example must not meet a real OBS by accident',
    );
    program.kill('SIGINT');
    assert.equal((await program.waitExit()).code, 0);
    await program.close();

    writeFileSync(join(userDir, 'flows.json'), JSON.stringify([{ id: 'mine', type: 'tab', label: 'mine' }]));
    program = await start(['--port', String(port), '--userDir', userDir]);
    await ready(program);
    assert.deepEqual(
      flows('flows.json').map((node) => node.id),
      ['mine'],
    );
  });

  it('turns the first example to a real OBS, in flows of its own', async () => {
    const secret = 'plaintext-of-the-password';
    const args = [
      '--port',
      String(port),
      '--userDir',
      userDir,
      '--obs',
      'wss://127.0.0.1:4999',
      '--password',
      secret,
    ];
    program = await start(args);
    await ready(program);
    const connection = flows('flows-obs.json').find((node) => node.type === 'live-obs-connection');
    assert.deepEqual(
      [connection?.connectTo, connection?.host, connection?.port, connection?.tls],
      ['obs', '127.0.0.1', '4999', true],
    );
    assert.equal(existsSync(join(userDir, 'flows.json')), false);
    assert.equal(readFileSync(join(userDir, 'flows-obs_cred.json'), 'utf8').includes(secret), false);
    assert.equal(program.log().includes(secret), false);
  });

  it('says which port is taken', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    program = await start(['--port', String(port), '--userDir', userDir]);
    assert.equal((await program.waitExit()).code, 1);
    assert.match(program.log(), new RegExp(`Port ${port} is taken.*--port`));
    await new Promise((resolve) => server.close(resolve));
  });
});
