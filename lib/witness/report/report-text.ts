import type { ShowReport } from './types';

/** The report as a mail: the subject line, and the text in plain sentences. */
export function reportText(report: ShowReport): { subject: string; text: string } {
  const { title, verification, entries } = report;
  return { subject: `Show report: ${title}`, text: `${entries} entries.\n${verification.sentence}\n` };
}
