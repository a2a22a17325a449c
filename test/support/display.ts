// One virtual screen for every OBS of this test process.
import type { Readable } from 'node:stream';
import { startProgram } from './programs';

let shared: Promise<string> | undefined;

async function start(): Promise<string> {
  const xvfb = await startProgram(
    'Xvfb',
    [
      '-displayfd',
      '3',
      '-screen',
      '0',
      '1280x800x24',
      '-ac',
      '-nolisten',
      'tcp',
      '-noreset',
      '+extension',
      'GLX',
    ],
    { pipe3: true },
  );
  const pipe = xvfb.child.stdio[3] as Readable;
  const number = await new Promise<string>((resolve, reject) => {
    let text = '';
    pipe.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('\n')) resolve(text.trim());
    });
    pipe.once('end', () => reject(new Error(`Xvfb did not start: ${xvfb.log()}`)));
  });
  pipe.destroy();
  return `:${number}`;
}

/** The name of the shared screen; Xvfb is started at the first call and ends with the test process. */
export async function display(): Promise<string> {
  shared ??= start();
  return await shared;
}
