import type { ConnectionNames } from './facts';

const APPLICATIONS: Record<string, string> = {
  obs: 'OBS',
  vmix: 'vMix',
  ingest: 'Ingest',
  'media-server': 'Media server',
};

/** How each connection is called in the report: by its name, and where two have the same, so that they are told apart. */
export function connectionNames(all: ReadonlyMap<string, ConnectionNames>): (key: string) => string {
  const plain = new Map<string, string>();
  for (const [key, { name, application }] of all)
    plain.set(key, name ?? APPLICATIONS[application ?? ''] ?? application ?? 'A connection without a name');
  const count = (name: string): number => [...plain.values()].filter((other) => other === name).length;
  const names = new Map<string, string>();
  const taken = new Set<string>();
  for (const [key, name] of plain) {
    const application = APPLICATIONS[all.get(key)?.application ?? ''];
    const base = count(name) > 1 && application ? `${name} (${application})` : name;
    let own = base;
    for (let number = 2; taken.has(own); number++) own = `${base} (${number})`;
    taken.add(own);
    names.set(key, own);
  }
  return (key) => names.get(key) ?? 'connection not recorded';
}
