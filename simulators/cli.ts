#!/usr/bin/env node
import { misuse, readOptions, untilSignal, wholePort } from './command-line';
import { MEDIA_SERVER_HELP, runMediaServer } from './media-servers/command';
import { startObsSimulator } from './obs';
import type { ObsProfile } from './obs';
import { PUBLISHER_HELP, runPublisher } from './publishers/command';
import { startVmixSimulator } from './vmix';
import type { HttpFault, VmixProfile } from './vmix';

const HELP = `live-simulator: a rehearsal stand-in for a production application

usage: live-simulator obs [options]
       live-simulator vmix [options]
       live-simulator srs|oryx|nginx-rtmp|mediamtx [options]
       live-simulator publisher --server rtmp://127.0.0.1/live --key anna?key=secret

  --port N         port to listen on (default 4455 for OBS, 8088 for the web controller of vMix, 1985, 2022, 8080 and 9997 for
                   the API of the media servers; 0 takes a free one)
  --tcp-port N     vmix: port of its TCP API (default 8099)
  --host H         address to listen on (default 127.0.0.1)
  --user X         user of the web controller of vMix, or of a media server's API (default: none)
  --password X     password (Oryx: token) that clients need (default: none)
  --profile P      which one to play: obs-29 (default), obs-30 or obs-32; vmix-24, vmix-27, vmix-28 or vmix-29 (default)
  --fault F        vmix: how its web controller fails all the time: error, hang, slow, truncated, html, browser, refuse, large
  --help           this text

Rehearse failures with the stream's address: key "wrong" or "denied" is rejected by the server, host "refused.invalid"
refuses, host "hang.invalid" never answers, host "weak.invalid" lets too little through (obs); everything else goes live.
${MEDIA_SERVER_HELP}${PUBLISHER_HELP}Ends with Ctrl-C.
`;

const OBS_PROFILES: readonly string[] = ['obs-29', 'obs-30', 'obs-32'];
const VMIX_PROFILES: readonly string[] = ['vmix-24', 'vmix-27', 'vmix-28', 'vmix-29'];
const VMIX_FAULTS: readonly HttpFault[] = [
  'error',
  'hang',
  'slow',
  'truncated',
  'html',
  'browser',
  'refuse',
  'large',
];
const OPTIONS = ['port', 'host', 'password', 'profile'] as const;

function profileOf(wanted: string, known: readonly string[]): string {
  if (!known.includes(wanted)) misuse(`--profile wants one of ${known.join(', ')}, not "${wanted}"`);
  return wanted;
}

/** `live-simulator obs`: print the address, run until SIGINT or SIGTERM. */
async function obs(args: string[]): Promise<void> {
  const values = readOptions(args, OPTIONS, HELP);
  if (!values) return;
  const profile = profileOf(values.profile ?? 'obs-29', OBS_PROFILES);
  const simulator = await startObsSimulator({
    port: wholePort(values.port ?? '4455'),
    host: values.host ?? '127.0.0.1',
    password: values.password ?? null,
    profile: profile as ObsProfile,
    gstreamer: true,
  });
  const guard = simulator.password === null ? 'no password' : 'with password';
  process.stdout.write(`Simulated OBS (${profile}) listens at ${simulator.url}, ${guard}\n`);
  untilSignal(async () => {
    await simulator.quit();
    await simulator.close();
  });
}

/** `live-simulator vmix`: print both addresses, run until SIGINT or SIGTERM. */
async function vmix(args: string[]): Promise<void> {
  const values = readOptions(args, [...OPTIONS, 'tcp-port', 'user', 'fault'], HELP);
  if (!values) return;
  const profile = profileOf(values.profile ?? 'vmix-29', VMIX_PROFILES);
  const fault = VMIX_FAULTS.find((one) => one === values.fault);
  if (values.fault !== undefined && !fault)
    misuse(`--fault wants one of ${VMIX_FAULTS.join(', ')}, not "${values.fault}"`);
  const simulator = await startVmixSimulator({
    httpPort: wholePort(values.port ?? '8088'),
    tcpPort: wholePort(values['tcp-port'] ?? '8099', '--tcp-port'),
    host: values.host ?? '127.0.0.1',
    user: values.user ?? null,
    password: values.password ?? null,
    profile: profile as VmixProfile,
  });
  if (fault) simulator.faults.failHttp(fault);
  const guard = values.password === undefined ? 'no password' : 'with password';
  process.stdout.write(
    `Simulated vMix (${profile}) listens at ${simulator.url}, ${guard}; TCP API on port ${simulator.tcpPort}\n`,
  );
  untilSignal(() => simulator.close());
}

/** One entry for each simulated application. */
const APPLICATIONS = new Map<string, (args: string[]) => void | Promise<void>>([
  ['obs', obs],
  ['vmix', vmix],
  ['publisher', (args) => runPublisher(args, HELP)],
  ...(['srs', 'oryx', 'nginx-rtmp', 'mediamtx'] as const).map(
    (kind) => [kind, (args: string[]) => runMediaServer(kind, args, HELP)] as const,
  ),
]);

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
