// The show report: what a log tells of an evening, as data, as a page and as a mail.
export { reportHtml } from './html';
export { takePictures, type TakenPictures } from './pictures';
export { reportText } from './report-text';
export { showReport } from './show-report';
export type { ReportEntry, ReportOptions, ShowReport } from './types';
