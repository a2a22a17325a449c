import type { Guest } from './guest';

/** What the page says of the process. */
export interface StatProcess {
  pid: number;
  uptimeMs: number;
  accepted: number;
  apps: readonly string[];
}

/** bandwidth is counted over ten seconds, and 0 until the first ten are over */
const WINDOW_MS = 10_000;
const AUDIO_KBPS = 128;

/** The statistics in XML, element for element as ngx_rtmp_stat_module writes them. */
export function statPage(guests: readonly Guest[], { pid, uptimeMs, accepted, apps }: StatProcess): string {
  const all = guests.reduce((sum, guest) => sum + guest.bytesIn, 0);
  return [
    '<?xml version="1.0" encoding="utf-8" ?>',
    '<rtmp>',
    '<nginx_version>1.22.1</nginx_version>',
    '<nginx_rtmp_version>1.1.4</nginx_rtmp_version>',
    '<built>Feb 11 2025 21:16:05</built>',
    `<pid>${pid}</pid>`,
    `<uptime>${Math.floor(uptimeMs / 1000)}</uptime>`,
    `<naccepted>${accepted}</naccepted>`,
    ...bandwidth('in', 0, all),
    ...bandwidth('out', 0, 0),
    '<server>',
    ...apps.flatMap((app) =>
      application(
        app,
        guests.filter((guest) => guest.app === app),
      ),
    ),
    '</server>',
    '</rtmp>',
    '',
  ].join('\r\n');
}

function bandwidth(name: string, bits: number, bytes: number): string[] {
  return [`<bw_${name}>${bits}</bw_${name}>`, `<bytes_${name}>${bytes}</bytes_${name}>`];
}

function application(name: string, guests: readonly Guest[]): string[] {
  return [
    '<application>',
    `<name>${shown(name)}</name>`,
    '<live>',
    ...guests.flatMap(stream),
    `<nclients>${guests.length}</nclients>`,
    '</live>',
    '</application>',
  ];
}

function stream(guest: Guest): string[] {
  const kbps = guest.ageMs >= WINDOW_MS && guest.sends ? guest.kbps : 0;
  const audio = Math.min(kbps, AUDIO_KBPS);
  return [
    '<stream>',
    `<name>${shown(guest.stream)}</name>`,
    `<time>${Math.floor(guest.ageMs)}</time>`,
    ...bandwidth('in', kbps * 1000, guest.bytesIn),
    ...bandwidth('out', 0, 0),
    `<bw_audio>${audio * 1000}</bw_audio>`,
    `<bw_video>${(kbps - audio) * 1000}</bw_video>`,
    client(guest),
    META,
    '<nclients>1</nclients>',
    '<publishing/>',
    '<active/>',
    '</stream>',
  ];
}

function client(guest: Guest): string {
  const age = Math.floor(guest.ageMs);
  return (
    `<client><id>${guest.clientId}</id><address>${shown(guest.address)}</address><time>${age}</time>` +
    '<flashver>FMLE/3.0 (compatible; Lavf59.27</flashver><dropped>0</dropped><avsync>0</avsync>' +
    `<timestamp>${age}</timestamp><publishing/><active/></client>`
  );
}

const META =
  '<meta><video><width>1280</width><height>720</height><frame_rate>30</frame_rate><codec>H264</codec>' +
  '<profile>High</profile><compat>0</compat><level>3.1</level></video>' +
  '<audio><codec>AAC</codec><profile>LC</profile><channels>2</channels><sample_rate>44100</sample_rate></audio></meta>';

/** What is not printable ASCII is a blank; the rest as in HTML. */
function shown(text: string): string {
  return Buffer.from(text)
    .toString('latin1')
    .replace(/[^\x20-\x7e]/g, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
