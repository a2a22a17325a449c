import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** This package and its version, as a log's first entry names what began it. */
export const SOFTWARE = softwareName();

function softwareName(): string {
  const file = join(__dirname, '..', '..', 'package.json');
  const { name, version } = JSON.parse(readFileSync(file, 'utf8')) as { name: string; version: string };
  return `${name} ${version}`;
}
