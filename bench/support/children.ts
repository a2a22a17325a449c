// Processes of the benchmark's own, which end with it.
import { type ChildProcess, fork } from 'node:child_process';

const living = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL');
});

/** A child that runs a file of the benchmark with the same loaders as this process. */
export function startChild(file: string, args: string[] = []): ChildProcess {
  return follow(fork(file, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }));
}

/** Let the child end with this process at the latest. */
export function follow(child: ChildProcess): ChildProcess {
  living.add(child);
  child.once('exit', () => living.delete(child));
  return child;
}

/** What a child that measures one thing and ends has to say. Rejects when it ends without a word. */
export function answerOf<T>(file: string, args: string[]): Promise<T> {
  return new Promise((resolve, reject) => {
    const child = startChild(file, args);
    child.once('message', (answer) => resolve(answer as T));
    child.once('exit', (code) =>
      reject(new Error(`${file} ${args.join(' ')} ended with ${code} and no figure`)),
    );
  });
}
