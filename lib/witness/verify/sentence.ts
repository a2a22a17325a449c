import type { VerifyReport } from './report';

/** What a report says in plain words, and what to do. */
export function sentenceOf(report: VerifyReport): string {
  const { verdict, problems, total_events: total, signed_size: signed } = report;
  const [first] = problems;
  const entries = total === 1 ? '1 entry' : `${total} entries`;
  if (verdict === 'tampered') {
    const where = first?.file
      ? ` (${[first.file, first.offset === null ? '' : `byte ${first.offset}`].filter(Boolean).join(', ')})`
      : '';
    const at = report.broken_at === null ? '' : ` Up to entry ${report.broken_at} it is in order.`;
    return `This is not the log that was written: ${first?.detail}${where}.${at} Keep the folder as it is, and compare it with a copy or with a checkpoint from outside.`;
  }
  if (verdict === 'unknown')
    return `Nobody can say from this alone whether it is the log that was written: ${first?.detail}.`;
  return `This is the log that was written: ${entries}, every one as it was, ${signed >= total ? 'all signed' : 'vouched for by the trusted checkpoint'}.`;
}
