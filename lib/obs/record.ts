import { now } from '../connection/clock';
import { pause } from '../connection/deadline';
import { fail } from '../errors';
import type { Recorder, RecordOptions, RecordReport } from '../production/application';
import { formatOf } from '../production/names';
import type { Priority } from '../connection/lane';
import type { RecordState } from '../production/vocabulary';
import type { ObsClient } from './client';
import { applyRecordSettings, isSameFile } from './record-settings';
import type { RecordTracker } from './record-tracker';
import { refusedWith } from './session';
import { Status } from './status-codes';
import { untilChanged } from './until';

const START_MS = 5_000;
const STOP_MS = 30_000;
const PAUSE_MS = 1_500;
/** Resumed within a frame of its pause, a recording of OBS 29.0 can never be stopped again (measured, 9 of 14). */
const PAUSES_APART_MS = 250;
const SPLIT_MS = 5_000;
/** An output that has just stopped drops the next start in silence (measured, 1 of 20): wait until it is inactive. */
const LINGER_MS = 5_000;
const RETRY_MS = 500;
/** The status lags behind the signals: by 10 ms after STARTED, by 0.7 s after STOPPED (measured). */
const STATUS_LAGS_MS = 3_000;
const LOOK_MS = 50;

/** The recording of an OBS, confirmed. One action at a time; equal ones at once join. */
export class ObsRecorder implements Recorder {
  private running: { key: string; action: string; result: Promise<RecordReport> } | null = null;
  private owed: (() => Promise<void>) | null = null;
  private cancelled = false;

  constructor(
    private readonly client: ObsClient,
    private readonly tracker: RecordTracker,
    private readonly warn: (text: string) => void,
  ) {}

  state(): RecordState {
    return this.tracker.state;
  }

  /** Whether a start is under way here, in whatever phase. */
  get isStarting(): boolean {
    return this.running?.action === 'start';
  }

  /** A start that is under way here is not wanted any more. */
  cancelStart(): void {
    this.cancelled = true;
  }

  /** Start, confirmed by OBS. Rejects with a coded error; the settings of OBS are then as they were. */
  start(options: RecordOptions): Promise<RecordReport> {
    return this.once('start', JSON.stringify(options), () => this.runStart(options));
  }

  /** Stop; resolves once OBS has closed the file. */
  stop(): Promise<RecordReport> {
    this.cancelStart();
    return this.once('stop', '', () => this.runStop());
  }

  pause(): Promise<RecordReport> {
    return this.once('pause', '', () => this.runPause(true));
  }

  resume(): Promise<RecordReport> {
    return this.once('resume', '', () => this.runPause(false));
  }

  /** Go on in a new file. */
  split(): Promise<RecordReport> {
    return this.once('split', '', () => this.runSplit());
  }

  /** Mark a chapter, with a name or with OBS's own. */
  chapter(name: string | null): Promise<RecordReport> {
    return this.once('chapter', name ?? '', () => this.runChapter(name));
  }

  /** After a reconnect: settings a lost connection kept from being put back. */
  async resynced(): Promise<void> {
    const owed = this.owed;
    if (owed) await this.putBack(owed);
  }

  private async once(
    action: string,
    detail: string,
    work: () => Promise<RecordReport>,
  ): Promise<RecordReport> {
    const key = `${action} ${detail}`;
    while (this.running) {
      if (this.running.key === key) return this.running.result;
      // whatever is being done ends within its own deadline; a stop must not be refused for it
      if (action !== 'stop') throw fail('RECORD_BUSY', { application: 'OBS', action: this.running.action });
      await this.running.result.catch(() => undefined);
    }
    const result = work().finally(() => (this.running = null));
    this.running = { key, action, result };
    return result;
  }

  private async runStart(options: RecordOptions): Promise<RecordReport> {
    const { tracker } = this;
    this.cancelled = false;
    const { srt } = tracker;
    // somebody may have changed it in OBS itself, which says nothing
    if (srt.isOutput && srt.state === 'idle') await srt.look();
    srt.mustBeRecording();
    const present = await this.agreed();
    if (present.active) {
      const asked = Boolean(options.folder || options.fileName);
      const path = tracker.machine.path;
      if (!asked || (path !== null && isSameFile(path, options)))
        return { ...tracker.describe(), ...pick(present), alreadyRunning: true };
      if (options.ifRecordingElsewhere !== 'restart')
        throw fail('RECORD_ELSEWHERE', {
          current: tracker.path ?? 'a file it was started with before',
          wanted: [options.folder, options.fileName].filter(Boolean).join('/'),
        });
      await this.runStop();
    }
    await this.inactive();
    if (this.owed) await this.putBack(this.owed);
    const restore = await applyRecordSettings(this.client, options);
    try {
      return await this.startIdle(options);
    } finally {
      await this.putBack(restore);
    }
  }

  private async startIdle(options: RecordOptions): Promise<RecordReport> {
    const { tracker } = this;
    for (let attempt = 0; ; attempt++) {
      let begun = false;
      const release = tracker.changed.add(() => (begun ||= tracker.state !== 'idle'));
      try {
        await this.client
          .call('StartRecord', undefined, { unless: () => this.throwUnlessWanted() })
          .catch((error: unknown) => {
            if (!refusedWith(error, Status.OutputRunning)) throw error;
          });
        const found = await this.until(() => {
          if (tracker.state === 'recording') return 'recording' as const;
          return begun && tracker.state === 'idle' ? ('failed' as const) : undefined;
        }, START_MS);
        if (found === 'recording') return { ...tracker.describe(), durationMs: 0, sizeBytes: 0 };
        if (found === 'failed') throw fail('RECORD_START_FAILED');
        const status = await tracker.read();
        if (status.active) return { ...tracker.describe(), ...pick(status), state: 'recording' };
        if (attempt > 0 || begun)
          throw fail('RECORD_SILENT_NOOP', {
            application: 'OBS',
            advice: `Likely causes: the folder ${options.folder ?? 'set in OBS'} does not exist on the OBS machine, less than 50 MB are free there, or OBS is showing a dialog.`,
          });
        await pause(RETRY_MS);
      } finally {
        release();
      }
    }
  }

  /** In the last moment: a stop may have come, and what StartRecord starts may have become SRT. */
  private throwUnlessWanted(): void {
    this.throwIfCancelled();
    this.tracker.srt.mustBeRecording();
  }

  private throwIfCancelled(): void {
    if (this.cancelled) throw fail('RECORD_START_CANCELLED');
  }

  private async runStop(): Promise<RecordReport> {
    const { tracker } = this;
    const before = await this.agreed('stop');
    if (!before.active && !tracker.running)
      return {
        ...tracker.describe(),
        state: 'idle',
        outputPath: null,
        finished: false,
        format: null,
        durationMs: null,
        sizeBytes: null,
        wasRunning: false,
      };
    let replied: string | null = null;
    try {
      const answer = await this.client.call('StopRecord', undefined, { priority: 'stop' });
      replied = typeof answer.outputPath === 'string' ? answer.outputPath : null;
    } catch (error) {
      if (!refusedWith(error, Status.OutputNotRunning)) throw error;
    }
    const done = await this.until(() => (tracker.state === 'idle' ? true : undefined), STOP_MS);
    if (!done) throw fail('RECORD_STOP_TIMEOUT', { application: 'OBS', seconds: STOP_MS / 1000 });
    await this.inactive();
    const report = tracker.describe();
    const outputPath = report.outputPath ?? replied;
    return { ...report, outputPath, format: formatOf(outputPath), ...pick(before), wasRunning: true };
  }

  private async runPause(wanted: boolean): Promise<RecordReport> {
    const { tracker } = this;
    const action = wanted ? 'pause' : 'resume';
    const present = await this.agreed();
    if (!present.active) throw fail('RECORD_NOT_ACTIVE', { action });
    if (present.paused === wanted)
      return {
        ...tracker.describe(),
        ...pick(present),
        state: wanted ? 'paused' : 'recording',
        alreadyRunning: true,
      };
    await pause(Math.max(0, tracker.pauseChangedAtMs + PAUSES_APART_MS - now()));
    if (wanted) await this.written();
    await this.client.call(wanted ? 'PauseRecord' : 'ResumeRecord').catch((error: unknown) => {
      if (!refusedWith(error, wanted ? Status.OutputPaused : Status.OutputNotPaused)) throw error;
    });
    await this.until(
      () => (tracker.state === (wanted ? 'paused' : 'recording') ? true : undefined),
      PAUSE_MS,
    );
    const after = await tracker.read();
    if (after.paused !== wanted)
      throw wanted
        ? fail('RECORD_PAUSE_SHARED_ENCODER')
        : fail('OBS_REJECTED', { action, reason: 'the recording is still paused' });
    return { ...tracker.describe(), ...pick(after), state: wanted ? 'paused' : 'recording' };
  }

  private async runSplit(): Promise<RecordReport> {
    const { tracker, client } = this;
    await this.mustRecord('split');
    if (!client.supports('SplitRecordFile'))
      throw fail('OBS_UNSUPPORTED', {
        version: client.version?.obs,
        action: 'a split on request',
        advice: 'It needs OBS 30.2 or newer; stop and start the recording instead.',
      });
    const before = tracker.machine.path;
    let changed = false;
    const release = client.on('RecordFileChanged', () => (changed = true));
    try {
      await client.call('SplitRecordFile').catch((error: unknown) => {
        throw refusedWith(error, Status.RequestProcessingFailed)
          ? fail('RECORD_SPLIT_OFF', {}, error)
          : error;
      });
      const split = await this.until(
        () => (changed && tracker.machine.path !== before ? true : undefined),
        SPLIT_MS,
      );
      if (!split) throw fail('RECORD_SPLIT_OFF');
    } finally {
      release();
    }
    return { ...tracker.describe(), ...pick(await tracker.read()) };
  }

  private async runChapter(name: string | null): Promise<RecordReport> {
    const { client, tracker } = this;
    await this.mustRecord('mark a chapter in');
    if (!client.supports('CreateRecordChapter'))
      throw fail('OBS_UNSUPPORTED', {
        version: client.version?.obs,
        action: 'chapters',
        advice: 'They need OBS 30.2 or newer and a recording in Hybrid MP4.',
      });
    await client
      .call('CreateRecordChapter', name ? { chapterName: name } : undefined)
      .catch((error: unknown) => {
        throw refusedWith(error, Status.RequestProcessingFailed)
          ? fail('RECORD_CHAPTER_FORMAT', {}, error)
          : error;
      });
    return { ...tracker.describe(), ...pick(await tracker.read()) };
  }

  private async mustRecord(action: string): Promise<void> {
    const present = await this.agreed();
    if (!present.active) throw fail('RECORD_NOT_ACTIVE', { action });
    if (present.paused) throw fail('RECORD_PAUSED', { action });
  }

  /** The status, once it says what the signals said. Where it never does, the status: it is what OBS goes by. */
  private async agreed(priority: Priority = 'action'): Promise<Awaited<ReturnType<RecordTracker['read']>>> {
    const until = now() + STATUS_LAGS_MS;
    for (;;) {
      const status = await this.tracker.read(priority);
      if (status.active === this.tracker.running || now() > until) return status;
      await pause(LOOK_MS);
    }
  }

  /** Paused before its first data and then stopped, a recording of OBS 29.0 never ends (measured, 7 of 7). */
  private async written(): Promise<void> {
    const until = now() + STATUS_LAGS_MS;
    while (!(await this.tracker.read()).sizeBytes && now() < until) await pause(LOOK_MS);
  }

  private async inactive(): Promise<void> {
    const until = now() + LINGER_MS;
    while ((await this.tracker.read('stop')).active && now() < until) await pause(100);
  }

  private async putBack(restore: () => Promise<void>): Promise<void> {
    this.owed = restore;
    try {
      await restore();
      this.owed = null;
    } catch (error) {
      this.warn(`the recording settings of OBS could not be put back yet: ${(error as Error).message}`);
    }
  }

  private until<T>(look: () => T | undefined, ms: number): Promise<T | null> {
    return untilChanged(this.tracker.changed, look, ms, () => {
      if (this.tracker.state === 'unknown')
        throw fail('OBS_DISCONNECTED', { where: this.client.where, action: 'the recording' });
    });
  }
}

function pick({ durationMs, sizeBytes }: { durationMs: number | null; sizeBytes: number | null }) {
  return { durationMs, sizeBytes };
}
