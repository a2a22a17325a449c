// One virtual screen for every OBS of this test process.
import type { Readable } from 'node:stream';
import { freePort } from './ports';
import { startProgram } from './programs';

let shared: Promise<string> | undefined;

async function start(): Promise<string> {
  // the number is claimed like a port: left to choose for itself, an Xvfb may take the one another is just taking
  const name = `:${await freePort()}`;
  const screen = ['-screen', '0', '1280x800x24'];
  const server = ['-displayfd', '3', '-ac', '-nolisten', 'tcp', '-noreset', '+extension', 'GLX'];
  const xvfb = await startProgram('Xvfb', [name, ...screen, ...server], { pipe3: true });
  const pipe = xvfb.child.stdio[3] as Readable;
  await new Promise<void>((resolve, reject) => {
    let text = '';
    // says its number once it takes clients
    pipe.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('\n')) resolve();
    });
    pipe.once('end', () => reject(new Error(`Xvfb did not start: ${xvfb.log()}`)));
  });
  pipe.destroy();
  return name;
}

/** The name of the shared screen; Xvfb is started at the first call and ends with the test process. */
export async function display(): Promise<string> {
  shared ??= start();
  return await shared;
}
