import { fail, type LiveError } from '../errors';
import type { Recorder, RecordOptions, RecordReport } from '../production/application';
import { formatOf } from '../production/names';
import type { RecordState } from '../production/vocabulary';
import { redactText } from '../secrets';
import type { VmixClient } from './client';
import { switchOff, switchOn, type OnOff } from './on-off';
import type { VmixRecording, VmixState } from './state-types';
import type { Turns } from './turns';

/** Until the document shows it. Nothing is known of how long vMix takes to open its files and encoder. */
const START_MS = 10_000;
/** The same as for an OBS, which closes a long file in this time. */
const STOP_MS = 30_000;
const OURS = { application: 'vMix' };

const RECORDING: OnOff = {
  thing: 'recording',
  start: 'StartRecording',
  stop: 'StopRecording',
  runs: (state) => state.recording.on,
  startMs: START_MS,
  stopMs: STOP_MS,
  cancelled: () => fail('RECORD_START_CANCELLED'),
  busy: (action) => fail('RECORD_BUSY', { ...OURS, action }),
};

const WHY = {
  sizeBytes: 'vMix does not tell it',
  finished: 'vMix does not say when it has closed a file',
  durationMs: 'vMix tells it only while it records, and it was not looked at then',
  outputPath: 'vMix has told no file',
};

/** The recording of a vMix: start and stop, which is all that there is, confirmed from the document. */
export class VmixRecorder implements Recorder {
  /** as it was last seen running: the document drops the duration with the stop */
  private seen: VmixRecording | null = null;

  constructor(
    private readonly client: VmixClient,
    private readonly turns: Turns,
  ) {
    client.onNews(({ state: { recording } }) => {
      if (recording.on) this.seen = recording;
    });
  }

  /** What the document shows; `unknown` while it is not connected. */
  state(): RecordState {
    const on = this.client.state?.recording.on ?? null;
    return on === null ? 'unknown' : on ? 'recording' : 'idle';
  }

  /** A start that is under way here is not wanted any more. */
  cancelStart(): void {
    this.turns.cancel(RECORDING.thing, 'start');
  }

  /** Start, confirmed. Rejects before anything is sent where a folder, a file name or a format is wanted. */
  async start({ folder, fileName, format }: RecordOptions): Promise<RecordReport> {
    if (folder || fileName || format)
      throw cannot(
        `recordings with a ${[folder && 'folder', fileName && 'file name', format && 'format'].filter(Boolean).join(', ')} of your choice`,
        'That is set in vMix itself, by the cog beside its Record button: leave it empty here.',
      );
    const { was, after } = await switchOn(this.client, this.turns, RECORDING);
    if (!after)
      throw fail('RECORD_SILENT_NOOP', {
        ...OURS,
        advice:
          'It is probably showing a dialog: look at the vMix window, and at the folder and the free space in its recording settings.',
      });
    return { ...this.describe(after), alreadyRunning: was === true };
  }

  /** Stop, confirmed; the duration is the last one that was seen, in whole seconds. */
  async stop(): Promise<RecordReport> {
    const { ran, before, after } = await switchOff(this.client, this.turns, RECORDING);
    if (!after) throw fail('RECORD_STOP_TIMEOUT', { ...OURS, seconds: STOP_MS / 1000 });
    if (!ran) return { ...reportOf('idle', [], null), finished: false, unknown: {}, wasRunning: false };
    const last = this.seen ?? before.recording;
    const files = after.recording.files.length > 0 ? after.recording.files : last.files;
    return { ...reportOf('idle', files, last.durationS), wasRunning: true };
  }

  pause(): Promise<RecordReport> {
    return Promise.reject(cannot('pauses in a recording'));
  }

  resume(): Promise<RecordReport> {
    return Promise.reject(cannot('pauses in a recording'));
  }

  split(): Promise<RecordReport> {
    return Promise.reject(cannot('splits of a recording', 'Stop it and start it again instead.'));
  }

  chapter(): Promise<RecordReport> {
    return Promise.reject(cannot('chapters in a recording'));
  }

  /** The recording as a state shows it. */
  describe({ recording: { on, durationS, files } }: VmixState): RecordReport {
    if (on === null)
      return {
        ...reportOf('unknown', files, null),
        unknown: { ...WHY, state: 'this vMix does not show whether it records' },
      };
    if (on) return reportOf('recording', files, durationS);
    // one that nobody saw running has another file
    const { seen } = this;
    const isThat = seen !== null && files.length > 0 && seen.files[0] === files[0];
    return reportOf('idle', files, isThat ? seen.durationS : null);
  }
}

function cannot(action: string, advice = 'It can only start and stop one.'): LiveError {
  return fail('CAPABILITY_MISSING', { ...OURS, action, advice });
}

/** `durationS` in whole seconds, as vMix counts. */
function reportOf(state: RecordState, files: readonly string[], durationS: number | null): RecordReport {
  const outputPaths = files.map(redactText);
  const outputPath = outputPaths[0] ?? null;
  const durationMs = durationS === null ? null : durationS * 1000;
  const none = state === 'idle' && outputPath === null;
  const finished = state === 'recording' || none ? false : null;
  const figures = { outputPath, durationMs, sizeBytes: null, finished };
  const unknown = Object.fromEntries(
    Object.entries(WHY).filter(([name]) => !none && figures[name as keyof typeof WHY] === null),
  );
  return { state, outputPaths, format: formatOf(outputPath), alreadyRunning: false, ...figures, unknown };
}
