import { now } from '../connection/clock';
import { withDeadline } from '../connection/deadline';
import { knock } from '../connection/knock';
import { askTimeServer } from '../connection/time-server';
import { asLiveError } from '../errors';
import type { Application } from '../production/application';
import type { HealthSample, PictureReading } from '../production/health';
import { applicationName } from '../production/names';
import { ffmpegVersion } from '../programs';
import { redactError } from '../secrets';
import { judge } from './checks';
import type { Expectations, Facts, Preflight, Told } from './types';

/** An OBS answers in milliseconds; one that takes longer than this is no help in a show. With the knock behind it: 8 s. */
const SURVEY_MS = 4_000;
const PICTURE_MS = 4_000;
/** A picture comes with the reading after the one that asked for it. */
const LOOK_MS = 400;

/** What is asked outside the application. Tests put others in their place. */
export interface World {
  knock: typeof knock;
  askTimeServer: typeof askTimeServer;
  ffmpegVersion: typeof ffmpegVersion;
  /** the machine's clock, milliseconds since 1970 */
  wallMs: () => number;
}

const WORLD: World = { knock, askTimeServer, ffmpegVersion, wallMs: Date.now };

/**
 * Ask everything at once, and judge it. Always resolves, within 8 s however much of it hangs: what gave no answer is a
 * check of its own.
 */
export async function preflight(
  application: Application,
  expected: Expectations,
  world: Partial<World> = {},
): Promise<Preflight> {
  return judge(expected, await gather(application, expected, { ...WORLD, ...world }));
}

async function gather(application: Application, expected: Expectations, world: World): Promise<Facts> {
  const { ticks } = expected;
  const surveyed = survey(application);
  const [found, server, picture, ffmpeg, clock] = await Promise.all([
    surveyed,
    ticks.has('server') ? tryServer(application, expected, surveyed, world) : null,
    ticks.has('picture') ? picturePart(application) : null,
    ticks.has('ffmpeg') ? world.ffmpegVersion(expected.ffmpegPath) : null,
    ticks.has('clock') ? readClock(expected, world) : null,
  ]);
  const { state, fault } = application.status();
  return {
    application: {
      kind: applicationName(application.kind),
      name: application.name,
      simulated: application.simulated,
      state,
      fault: fault ? redactError(asLiveError(fault)).message : null,
    },
    survey: found,
    server,
    picture,
    ffmpeg,
    clock,
  };
}

async function survey(application: Application): Promise<Facts['survey']> {
  const kind = applicationName(application.kind);
  if (application.status().state !== 'ready') return { value: null, reason: `${kind} is not connected` };
  const late = () => new Error(`no answer within ${SURVEY_MS / 1000} s`);
  try {
    return { value: await withDeadline(application.survey(), SURVEY_MS, late), reason: null };
  } catch (error) {
    const { code, message, details } = asLiveError(error);
    const reason = code === 'INTERNAL' ? String(details.reason) : message.replace(/\.$/, '');
    return { value: null, reason };
  }
}

async function tryServer(
  application: Application,
  { destination }: Expectations,
  surveyed: Promise<Facts['survey']>,
  world: World,
): Promise<Facts['server']> {
  if (destination)
    return destination.destination.address ? world.knock(destination.destination.address) : null;
  // what OBS is set to in a rehearsal is made up
  if (application.simulated) return null;
  const { value } = await surveyed;
  const address = value?.stream.destination?.address;
  // a listener that has its one caller answers no other
  return address && value?.stream.state !== 'live' ? world.knock(address) : null;
}

/** The next picture of the shared reading of the application's health. */
function picturePart({ health }: Application): Promise<Told<PictureReading>> {
  return new Promise((resolve) => {
    if (!health) return resolve({ value: null, reason: 'this application gives no picture' });
    let doubts = 0;
    let why = `no picture came within ${PICTURE_MS / 1000} s`;
    let release: () => void = () => undefined;
    const finish = (told: Told<PictureReading>) => {
      clearTimeout(timer);
      release();
      resolve(told);
    };
    const timer = setTimeout(() => finish({ value: null, reason: why }), PICTURE_MS);
    timer.unref();
    const hear = ({ picture, unknown, reachable, reason }: HealthSample) => {
      if (picture) finish({ value: picture, reason: null });
      else if (!reachable) finish({ value: null, reason: reason ?? 'it was not told' });
      else if (unknown.picture !== undefined) {
        why = unknown.picture;
        // the first may be of a try before this one
        if (++doubts > 1) finish({ value: null, reason: why });
      }
    };
    release = health.watch({ everyMs: LOOK_MS, pictureEveryMs: LOOK_MS, sound: false, media: [] }, hear);
  });
}

async function readClock({ timeServer }: Expectations, world: World): Promise<Facts['clock']> {
  const reading = timeServer === null ? null : await world.askTimeServer(timeServer);
  const wallMs = world.wallMs();
  // the package's own time goes on evenly from where the clock stood when Node-RED started
  return { wallMs, jumpedMs: wallMs - now(), timeServer: reading };
}
