// What a scenario may need, and which OBS has it.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ObsProfile } from '../../simulators/obs/types';
import { obsVersion } from '../support';

/** First OBS version that has it. */
const since = {
  'fragmented-mp4': [29, 1],
  '207': [30, 0],
  'record-directory': [30, 0],
  whip: [30, 0],
  uuids: [30, 1],
  'hybrid-mp4': [30, 2],
  split: [30, 2],
  chapters: [30, 2],
} as const;

/** A feature of some versions, or the one kind that a scenario is for. */
export type Need = keyof typeof since | 'real' | 'simulator';

/** The version that each simulator profile plays. */
const played: Record<ObsProfile, readonly number[]> = {
  'obs-29': [29, 0, 2],
  'obs-30': [30, 2, 3],
  'obs-32': [32, 2, 2],
};

function has(version: readonly number[], feature: keyof typeof since): boolean {
  const [major = 0, minor = 0] = version;
  const [first, second] = since[feature];
  return major > first || (major === first && minor >= second);
}

const features = (needs: readonly Need[]): (keyof typeof since)[] =>
  needs.filter((need): need is keyof typeof since => need in since);

/** Debian may build an OBS without its WHIP output, whatever the version. */
function whipInstalled(): boolean {
  const lib = join(process.env.LIVE_OBS_ROOT ?? '/', 'usr', 'lib');
  const folders = existsSync(lib) ? readdirSync(lib).map((name) => join(lib, name)) : [];
  return [lib, ...folders].some((folder) => existsSync(join(folder, 'obs-plugins', 'obs-webrtc.so')));
}

/** What the installed OBS lacks of these needs, or null when it has all. */
export function lackOfReal(needs: readonly Need[]): string | null {
  const version = obsVersion();
  if (!version) return null;
  const lacking = features(needs).filter((feature) => !has(version, feature));
  if (lacking.length > 0) return `OBS ${version.join('.')} has no ${lacking.join(', ')}`;
  if (needs.includes('whip') && !whipInstalled()) return 'this OBS was built without WHIP';
  return null;
}

/** The simulator's profile for a scenario: as the installed OBS, or the first that has what the scenario needs. */
export function profileFor(needs: readonly Need[]): ObsProfile {
  const major = obsVersion()?.[0] ?? 29;
  const own: ObsProfile = major >= 32 ? 'obs-32' : major >= 30 ? 'obs-30' : 'obs-29';
  const order: ObsProfile[] = [own, 'obs-29', 'obs-30', 'obs-32'];
  return order.find((profile) => features(needs).every((feature) => has(played[profile], feature))) ?? own;
}
