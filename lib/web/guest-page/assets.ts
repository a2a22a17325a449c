import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { escapeHtml } from '../../witness/report/escape';

/** A file of the page, in memory. */
export interface Asset {
  type: string;
  body: Buffer;
}

const FILES: Record<string, [file: string, type: string]> = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/page.js': ['page.js', 'text/javascript; charset=utf-8'],
  '/style.css': ['style.css', 'text/css; charset=utf-8'],
  '/icon.svg': ['icon.svg', 'image/svg+xml'],
};

/**
 * The page's files out of the folder they were built into, with the title in its place.
 * @throws the file system's error where one is missing: then the package is broken
 */
export function pageAssets(folder: string, title: string): Map<string, Asset> {
  return new Map(
    Object.entries(FILES).map(([path, [file, type]]) => {
      const bytes = readFileSync(join(folder, file));
      const body =
        path === '/' ? Buffer.from(bytes.toString().replaceAll('{{title}}', () => escapeHtml(title))) : bytes;
      return [path, { type, body }];
    }),
  );
}
