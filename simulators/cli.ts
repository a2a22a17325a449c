#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { startObsSimulator } from './obs';
import type { ObsProfile } from './obs';

const HELP = `live-simulator: a rehearsal stand-in for a production application

usage: live-simulator obs [options]

  --port N         port to listen on (default 4455, OBS's own; 0 takes a free one)
  --host H         address to listen on (default 127.0.0.1)
  --password X     password that clients need (default: none)
  --profile P      which OBS to play: obs-29 (default), obs-30 or obs-32
  --help           this text

Rehearse failures with the stream's address: key "wrong" or "denied" is rejected by the server, host "refused.invalid"
refuses, host "hang.invalid" never answers, host "weak.invalid" lets too little through; everything else goes live. Ends with Ctrl-C.
`;

const PROFILES: readonly string[] = ['obs-29', 'obs-30', 'obs-32'];

/** Say what is wrong with the command line, and end with exit code 2. */
function misuse(reason: string): never {
  process.stderr.write(`live-simulator: ${reason}. See live-simulator --help.\n`);
  process.exit(2);
}

function wholePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) misuse(`--port wants a number from 0 to 65535, not "${text}"`);
  return port;
}

/** `live-simulator obs`: print the address, run until SIGINT or SIGTERM. */
async function obs(args: string[]): Promise<void> {
  let values: { port?: string; host?: string; password?: string; profile?: string; help?: boolean };
  try {
    ({ values } = parseArgs({
      args,
      options: {
        port: { type: 'string' },
        host: { type: 'string' },
        password: { type: 'string' },
        profile: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }));
  } catch (error) {
    misuse((error as Error).message.split('. ')[0] ?? 'unknown arguments');
  }
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const profile = values.profile ?? 'obs-29';
  if (!PROFILES.includes(profile)) misuse(`--profile wants one of ${PROFILES.join(', ')}, not "${profile}"`);
  const simulator = await startObsSimulator({
    port: wholePort(values.port ?? '4455'),
    host: values.host ?? '127.0.0.1',
    password: values.password ?? null,
    profile: profile as ObsProfile,
  });
  const guard = simulator.password === null ? 'no password' : 'with password';
  process.stdout.write(`Simulated OBS (${profile}) listens at ${simulator.url}, ${guard}\n`);
  const end = () => {
    process.off('SIGINT', end);
    process.off('SIGTERM', end);
    void simulator.quit().then(() => simulator.close());
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
}

/** One entry for each simulated application. */
const APPLICATIONS = new Map<string, (args: string[]) => Promise<void>>([['obs', obs]]);

async function main(args: string[]): Promise<void> {
  const [application, ...rest] = args;
  if (application === '--help' || application === '-h') {
    process.stdout.write(HELP);
    return;
  }
  const run = application === undefined ? undefined : APPLICATIONS.get(application);
  const known = [...APPLICATIONS.keys()].join(', ');
  if (!run)
    misuse(
      application === undefined
        ? `say what to simulate: ${known}`
        : `"${application}" is not one of: ${known}`,
    );
  await run(rest);
}

main(process.argv.slice(2)).catch((error: NodeJS.ErrnoException) => {
  const reason = error.code === 'EADDRINUSE' ? 'that port is taken by another program' : error.message;
  process.stderr.write(`live-simulator: ${reason}\n`);
  process.exitCode = 1;
});
