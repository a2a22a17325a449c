import { escapeHtml } from './escape';
import type { ShowReport } from './types';

/** The report as one page that needs nothing else: no script, no address, every text of the log escaped. */
export function reportHtml(report: ShowReport): string {
  const { title, verification, entries } = report;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(title)}</title></head>
<body><h1>${escapeHtml(title)}</h1><p>${escapeHtml(verification.sentence)}</p><p>${entries} entries</p></body></html>
`;
}
