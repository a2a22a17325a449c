// npm run bench -- start: how long Node-RED takes to start with the package installed, over an empty user folder.
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { requireThere } from '../test/support/node-red';
import { freePort } from '../test/support/ports';
import { tempDir } from '../test/support/temp';
import { follow } from './support/children';
import { figure, type Figure } from './support/figures';
import { alternate, compare } from './support/rounds';
import { runBench } from './support/run';

const ROUNDS = 9;
const LONGEST_MS = 120_000;
const root = join(__dirname, '..');

interface PackageJson {
  name: string;
  files?: string[];
  dependencies?: Record<string, string>;
}
const readPackage = (folder: string) =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as PackageJson;

/** A user folder as `npm install` leaves it: our files, and each of our dependencies with its own. */
function userDirWithPackage(): string {
  const userDir = tempDir('bench-start');
  const { name, files = [], dependencies = {} } = readPackage(root);
  const into = join(userDir, 'node_modules', name);
  for (const file of ['package.json', ...files])
    if (existsSync(join(root, file))) cpSync(join(root, file), join(into, file), { recursive: true });
  const waiting = Object.keys(dependencies);
  for (let dependency = waiting.pop(); dependency; dependency = waiting.pop()) {
    const to = join(userDir, 'node_modules', dependency);
    if (existsSync(to)) continue;
    const from = join(root, 'node_modules', dependency);
    cpSync(from, to, { recursive: true, dereference: true });
    waiting.push(...Object.keys(readPackage(from).dependencies ?? {}));
  }
  writeFileSync(join(userDir, 'package.json'), JSON.stringify({ dependencies: { [name]: '*' } }));
  return userDir;
}

/** Milliseconds from the start of the process until its editor answers and its flows run. */
async function startOnce(userDir: string, port: number): Promise<number> {
  const program = requireThere.resolve('node-red/red.js');
  const settings = join(userDir, 'bench-settings.cjs');
  writeFileSync(
    settings,
    `module.exports = ${JSON.stringify({ uiHost: '127.0.0.1', credentialSecret: 'bench', telemetry: { enabled: false } })};\n`,
  );
  const began = performance.now();
  const args = [program, '--userDir', userDir, '--settings', settings, '--port', String(port)];
  const child = follow(spawn(process.execPath, args, { cwd: userDir, stdio: ['ignore', 'pipe', 'inherit'] }));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let log = '';
  try {
    return await new Promise<number>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`Node-RED did not start:\n${log}`)), LONGEST_MS);
      child.once('exit', () => reject(new Error(`Node-RED has ended:\n${log}`)));
      child.stdout?.on('data', (text: Buffer) => {
        log += text.toString();
        if (!/Server now running/.test(log) || !/Started flows/.test(log)) return;
        clearTimeout(late);
        resolve(performance.now() - began);
      });
    });
  } finally {
    child.kill();
    await ended;
  }
}

async function startFigures(): Promise<Figure[]> {
  const [withPackage, empty] = [userDirWithPackage(), tempDir('bench-start')];
  mkdirSync(join(empty, 'node_modules'));
  const port = await freePort();
  const values = await alternate(ROUNDS, 1, {
    ours: () => startOnce(withPackage, port),
    empty: () => startOnce(empty, port),
  });
  return [
    figure({
      name: 'start of Node-RED with the package, over an empty user folder',
      unit: 'ms',
      ...compare(values.ours, values.empty),
      goal: 'at most 1.1 times as long',
      isMet: ({ ratio }) => ratio !== null && ratio <= 1.1,
    }),
  ];
}

runBench('start', { 'starts of Node-RED': startFigures });
