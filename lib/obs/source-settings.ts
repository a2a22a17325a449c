import { fail } from '../errors';
import {
  CHANGE_MS,
  askInput,
  confirmed,
  explained,
  kindOf,
  quoted,
  unfit,
  type Outcome,
  type Subject,
} from './source-asks';
import { refusedWith, type RequestData } from './session';
import { isImage, isText } from './source-lists';
import { Status } from './status-codes';
import { object, text } from './values';

/** The key by which a kind takes its text out of a file instead. Source: OBS 29 to 32, text-freetype2 and obs-text. */
const FROM_FILE = ['from_file', 'read_from_file'] as const;
/** In step with the frames: `RequestBatchExecutionType` of the protocol, whose library is loaded with the first connection. */
const SERIAL_FRAME = 1;
/** New settings of a picture are taken over with the next frame; measured on 29.0.2. One more to draw it. */
const FRAMES_TO_LOAD = 3;
/** A large picture over a slow share; nobody waits longer to hear that there is none. */
const LOAD_MS = 2_000;

async function settingsOf(subject: Subject): Promise<RequestData> {
  return object((await askInput(subject, 'GetInputSettings')).inputSettings);
}

const set = (subject: Subject, inputSettings: RequestData) =>
  askInput(subject, 'SetInputSettings', { inputSettings, overlay: true });

/** The text it has now; null while it takes it out of a file, whose text OBS does not tell. */
function textOf(settings: RequestData): string | null {
  if (FROM_FILE.some((key) => settings[key] === true)) return null;
  return typeof settings.text === 'string' ? settings.text : '';
}

/** Set the text of a text source; one that reads a file stops to do so. */
export async function setText(subject: Subject, wanted: string): Promise<Outcome> {
  const { kind } = await kindOf(subject);
  if (!isText(kind))
    throw await unfit(subject, `it is of the kind ${kind}, and only a text source has a text`);
  const settings = await settingsOf(subject);
  const before = textOf(settings);
  if (before === wanted) return { before, now: wanted, alreadySo: true };
  const off = FROM_FILE.filter((key) => settings[key] === true).map((key) => [key, false] as const);
  await set(subject, { text: wanted, ...Object.fromEntries(off) });
  const now = await confirmed(
    subject,
    async () => textOf(await settingsOf(subject)),
    (found) => found === wanted,
    (found) => (found === null ? 'the text of a file' : quoted(found)),
  );
  const unknown = { before: 'it came out of a file' };
  return { before, now, alreadySo: false, ...(before === null ? { unknown } : {}) };
}

/**
 * Set the file of an image source, and see that OBS has a picture of it. Where it has none, the file before is put back and it rejects with
 * SOURCE_FILE_UNUSABLE.
 */
export async function setImage(subject: Subject, file: string): Promise<Outcome> {
  if (file === '') throw fail('INPUT_INVALID', { field: 'image', reason: 'it is empty' });
  const { kind } = await kindOf(subject);
  if (!isImage(kind))
    throw await unfit(subject, `it is of the kind ${kind}, and only an image source has an image`);
  const fileOf = async () => text((await settingsOf(subject)).file) ?? '';
  const before = await fileOf();
  // the same file may have come into being since
  if (before === file && (await hasPicture(subject))) return { before, now: file, alreadySo: true };
  await set(subject, { file });
  const now = await confirmed(subject, fileOf, (found) => found === file, quoted);
  if (await loadsOnlyWhileShown(subject))
    return {
      before,
      now,
      alreadySo: false,
      unknown: { picture: 'OBS loads it when it shows ("Unload image when not showing" is on)' },
    };
  if (await isLoaded(subject)) return { before, now, alreadySo: false };
  let kept = 'It shows nothing now.';
  if (before !== '' && before !== file) {
    await set(subject, { file: before });
    if (await isLoaded(subject)) kept = 'The image before is back.';
  }
  throw fail('SOURCE_FILE_UNUSABLE', { application: 'OBS', source: subject.source, file, kept });
}

/** Whether OBS has a picture of its new file, waiting for it: newer versions load it beside. */
async function isLoaded(subject: Subject): Promise<boolean> {
  // until then it draws the file before
  await framesLater(subject, FRAMES_TO_LOAD);
  try {
    return await confirmed(subject, () => hasPicture(subject), Boolean, String, LOAD_MS);
  } catch (error) {
    if ((error as { code?: string }).code !== 'SOURCE_NOT_CONFIRMED') throw error;
    return false;
  }
}

/** Whether OBS can draw it: of a source without a size it makes no picture. Measured on 29.0.2, hidden sources too. */
async function hasPicture(subject: Subject): Promise<boolean> {
  const { client, source } = subject;
  try {
    await client.call('GetSourceScreenshot', { sourceName: source, imageFormat: 'jpg', imageWidth: 8 });
    return true;
  } catch (error) {
    if (refusedWith(error, Status.RequestProcessingFailed)) return false;
    throw await explained(subject, error);
  }
}

async function loadsOnlyWhileShown(subject: Subject): Promise<boolean> {
  if ((await settingsOf(subject)).unload !== true) return false;
  const { videoShowing } = await subject.client.call('GetSourceActive', { sourceName: subject.source });
  return videoShowing !== true;
}

/** Wait until OBS has drawn so many frames, however slow it is. */
async function framesLater({ client }: Subject, sleepFrames: number): Promise<void> {
  await client
    .batch(
      [{ requestType: 'Sleep', requestData: { sleepFrames } }],
      { executionType: SERIAL_FRAME },
      { ms: CHANGE_MS },
    )
    // an OBS that draws nothing now is asked all the same
    .catch((error: unknown) => {
      if ((error as { code?: string }).code !== 'OBS_TIMEOUT') throw error;
    });
}
