import { createHash } from 'node:crypto';
import { PICTURE_STYLE, PICTURE_STYLE_HASH, picturesSection, type TakenPictures } from './pictures';
import { proofSection } from './proof-section';
import { Sections } from './sections';
import { VERDICTS, summarySentences, whenText, zoneText } from './sentences';
import { STYLE } from './style';
import { html } from './table';
import { PATTERN, timelineHtml } from './timeline';
import type { ShowReport } from './types';
import { LocalTime, countText, durationText } from './words';

/** Only this very style, nothing from anywhere, and nothing that runs. */
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');
const POLICY = `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; form-action 'none'`;
/** The same with pictures, which are in the page itself. */
const PICTURE_POLICY = `default-src 'none'; img-src data:; style-src 'sha256-${STYLE_HASH}' 'sha256-${PICTURE_STYLE_HASH}'; base-uri 'none'; form-action 'none'`;

/** The report as one page that needs nothing else: no script, no address, every text of the log escaped. For screen, phone and A4. */
export function reportHtml(report: ShowReport, pictures: TakenPictures | null = null): string {
  const time = new LocalTime(report.timeZone);
  const { title, verification, madeAt, entries, log } = report;
  const { word, mark } = VERDICTS[verification.verdict];
  const made =
    madeAt === null ? '' : `Made ${time.date(madeAt)}, ${time.clock(madeAt)} (${time.offsetOf(madeAt)}). `;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${pictures ? PICTURE_POLICY : POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${html`Show report: ${title}`.markup}</title>
<style>${STYLE}</style>${pictures ? `<style>${PICTURE_STYLE}</style>` : ''}
</head>
<body>
<main>
<header>
<div><p class="over">Show report</p><h1>${html`${title}`.markup}</h1><p class="when">${html`${whenText(report, time)}`.markup}</p><p class="soft">${html`Times of ${zoneText(report, time)}`.markup}</p></div>
<div class="seal ${verification.verdict}"><b>${mark}</b>${word}</div>
</header>
${verification.verdict === 'valid' ? '' : `<p class="warning ${verification.verdict}">${html`${verification.sentence}`.markup}</p>`}<p class="lead">${html`${summarySentences(report, time).join(' ')}`.markup}</p>
${tiles(report)}
${PATTERN}
${timelineHtml(report, time)}
${new Sections(report, time).all()}${pictures ? picturesSection(pictures, time) : ''}
${proofSection(report)}
<footer>${html`${made}From ${countText(entries, 'entry', 'entries')} of the witness log${log.name === null ? '' : ` “${log.name}”`}. What the log does not tell is shown as not recorded or not known, never as nothing.`.markup}</footer>
</main>
</body>
</html>
`;
}

function tiles({ summary, streams, recordings, files }: ShowReport): string {
  const tile = (value: string, name: string, bad = false): string =>
    `<div class="tile${bad ? ' bad' : ''}"><b>${html`${value}`.markup}</b><span>${html`${name.replace(/(\d) (s|min|h)\b/g, '$1\u00a0$2')}`.markup}</span></div>`;
  const { liveMs, recordedMs, interruptions, interruptedMs, incidents, incidentsOpen, failures } = summary;
  const known = (ms: number, all: readonly unknown[]): string =>
    all.length === 0 ? '–' : ms > 0 ? durationText(ms) : 'not known';
  const open = (all: readonly { durationMs: number | null }[]): string =>
    all.some(({ durationMs }) => durationMs === null) ? ' at least' : '';
  return `<div class="tiles">${[
    tile(
      known(liveMs, streams),
      `live${open(streams)}${streams.length > 1 ? `, in ${streams.length} streams` : ''}`,
    ),
    tile(known(recordedMs, recordings), `recorded, ${countText(files.length, 'file')}`),
    tile(
      interruptions === null ? '–' : String(interruptions),
      interruptions === null
        ? 'interruptions: not recorded'
        : interruptions === 0
          ? 'interruptions'
          : `${interruptions === 1 ? 'interruption' : 'interruptions'}, ${interruptedMs > 0 ? durationText(interruptedMs) : 'length not known'}`,
      interruptions !== null && interruptions > 0,
    ),
    tile(
      String(incidents),
      `${incidents === 1 ? 'incident' : 'incidents'} told${incidentsOpen ? `, ${incidentsOpen} open` : ''}`,
      incidents > 0,
    ),
    tile(String(failures), failures === 1 ? 'failure' : 'failures', failures > 0),
  ].join('')}</div>`;
}
