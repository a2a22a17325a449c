export { startTestPublishers, type TestPublishers, type TestPublishersOptions } from './rehearsal';
