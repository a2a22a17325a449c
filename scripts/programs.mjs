// The real programs that the tests drive: which are there, and apt for those that are not.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { findProgram, run, say } from './common.mjs';

const programs = [
  { found: 'obs', packages: ['obs-studio', 'obs-plugins'] },
  { found: 'Xvfb', packages: ['xvfb', 'libgl1-mesa-dri'] },
  { found: 'xauth', packages: ['xauth'] },
  { found: 'nginx', packages: ['nginx', 'libnginx-mod-rtmp'] },
  { found: '/usr/lib/nginx/modules/ngx_rtmp_module.so', packages: ['libnginx-mod-rtmp'] },
  { found: 'ffmpeg', packages: ['ffmpeg'] },
  { found: 'srt-live-transmit', packages: ['srt-tools'] },
  { found: 'chromium', packages: ['chromium'] },
  { found: 'openssl', packages: ['openssl'] },
  { found: 'mosquitto', packages: ['mosquitto'] },
];
// parts of programs that Debian packs apart
const parts = ['obs-plugins', 'libgl1-mesa-dri'];

const isThere = ({ found }) => (found.startsWith('/') ? existsSync(found) : findProgram(found) !== null);

const dpkg = '/var/lib/dpkg/info';
const isPacked = (name) =>
  readdirSync(dpkg).some(
    (file) => file === `${name}.list` || (file.startsWith(`${name}:`) && file.endsWith('.list')),
  );

function isDebian() {
  try {
    return (
      /^ID(_LIKE)?=.*debian/m.test(readFileSync('/etc/os-release', 'utf8')) && findProgram('apt-get') !== null
    );
  } catch {
    return false;
  }
}

/** Installs what is missing where that is possible. Returns the packages that are missing still. */
export function installPrograms() {
  const debian = isDebian();
  const wanted = () => [
    ...new Set([
      ...programs.filter((one) => !isThere(one)).flatMap(({ packages }) => packages),
      ...(debian ? parts.filter((name) => !isPacked(name)) : []),
    ]),
  ];
  const missing = wanted();
  if (missing.length === 0) return [];
  if (process.platform !== 'linux' || process.getuid() !== 0 || !debian) return missing;
  say(`installing ${missing.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const quiet = ['-qq', '-o', 'Dpkg::Use-Pty=0'];
  run('apt-get', ['update', ...quiet], { env });
  // in run level 1 no package starts its service, which would outlive the tests
  run('apt-get', ['install', '-y', '--no-install-recommends', ...quiet, ...missing], {
    env: { ...env, RUNLEVEL: '1' },
  });
  return wanted();
}
