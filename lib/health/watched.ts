import type { HealthSample, StreamReading } from '../production/health';
import { AirRules } from './air-rules';
import { ComputerRules } from './computer-rules';
import { ConnectionRules } from './connection-rules';
import type { RuleState } from './judge';
import { MediaRules } from './media-rules';
import { OutputRules } from './output-rules';
import { ProgramRules } from './program-rules';
import type { Why } from './reasons';
import { ReceiverRules } from './receiver-rules';
import { RecordingRules } from './recording-rules';
import { StreamRules } from './stream-rules';
import type { Cause, HealthOptions, RuleId, RuleSetting, Verdict } from './types';
import { figure } from './window';

/** More streams than any application has at once. */
const MOST_STREAMS = 16;
/** A stream that is no longer listed is held this long, in ms. */
const GONE_MS = 60_000;

/** What tells of itself when there is something to judge, whether a show is on or not. */
const ALWAYS_JUDGED: readonly Cause[] = ['stream', 'receiver', 'recording', 'output', 'connection'];

/** A cause as far as it is watched: well only if one of these figures is known and content. */
export interface CauseGroup {
  cause: Cause;
  subject: string | null;
  evidence: RuleState[];
  applies: () => boolean;
}

/** Everything that is measured and judged: takes the readings, and knows which of its rules speak. */
export class Watched {
  readonly connection: ConnectionRules;
  readonly streams: StreamRules[] = [];
  computer: ComputerRules;
  program: ProgramRules;
  readonly air: AirRules;
  readonly receiver: ReceiverRules;
  readonly tape: RecordingRules;
  readonly outputs: OutputRules;
  readonly media: MediaRules[];
  /** the rules that are ticked and on; those first that others join */
  rules: RuleState[] = [];
  groups: CauseGroup[] = [];
  reachable = false;
  /** whether anything is live or recording, as far as is known; an output may count as live */
  inShow = false;
  recording: HealthSample['recording'] = 'unknown';

  private readonly watch: Set<string>;
  private judged = false;
  private sender: string | null = null;
  private counted = true;
  private firstMs = NaN;

  constructor(
    private readonly options: HealthOptions,
    private readonly settings: Record<RuleId, RuleSetting>,
  ) {
    this.watch = new Set(options.watch);
    this.connection = new ConnectionRules(settings);
    this.computer = new ComputerRules(settings);
    this.program = new ProgramRules(settings, options.frozenNeedsSilence);
    this.air = new AirRules(settings);
    this.receiver = new ReceiverRules(settings, options.bitrateKbps);
    this.tape = new RecordingRules(settings, () => this.firstMs);
    this.outputs = new OutputRules(settings, () => this.firstMs);
    this.media = [...new Set(options.media)].map((name) => new MediaRules(name, settings));
    this.collect();
  }

  /** Take a reading at `atMs`, answered or not. */
  read(sample: HealthSample, atMs: number): void {
    if (Number.isNaN(this.firstMs)) this.firstMs = atMs;
    this.reachable = sample.reachable;
    if (!sample.reachable) this.lost(sample, atMs);
    else this.answered(sample, atMs);
  }

  /** Ends that stand until it is live again are told of no longer. */
  acknowledge(atMs: number): void {
    for (const stream of this.streams) stream.acknowledge(atMs);
    this.tape.acknowledge(atMs);
    this.outputs.acknowledge(atMs);
  }

  /** Whether streams have names here: there are several, or could be. */
  get named(): boolean {
    return this.streams.length > 1 || (this.streams.length === 1 && this.streams[0]!.output !== 'stream');
  }

  /** What all of it comes to. A cause is well by evidence, never by nothing being known. */
  verdict(): Verdict {
    let worst = 0;
    for (const { level } of this.rules) if (level > worst) worst = level;
    const { rule } = this.connection;
    // what was known of the rest is held, and says nothing of now
    if (!this.reachable) return rule.level === 2 ? 'critical' : 'unknown';
    if (worst === 2) return 'critical';
    if (worst === 1 && this.rules.some((one) => one.level === 1 && one !== rule)) return 'degraded';
    if (rule.level > 0) return 'unknown';
    for (const group of this.groups) if (isUnknown(group)) return 'unknown';
    return 'ok';
  }

  private lost(sample: HealthSample, atMs: number): void {
    for (const reading of sample.streams)
      for (const stream of this.streams)
        if (stream.output === reading.output) stream.endedBeforeLost(reading, atMs);
    const { lastRecording = 'unknown' } = sample;
    // it may have stopped, as somebody wished, since the last answer
    if (lastRecording !== 'unknown') this.recording = lastRecording;
    const recording = this.recording === 'recording' || this.recording === 'paused';
    this.receiver.lost(sample.receiver ?? null, atMs);
    this.outputs.lost(sample.outputs ?? [], atMs);
    this.connection.lost(atMs, this.isLive || this.outputs.wereShow, recording);
    this.program.lost();
    this.air.lost();
    this.tape.lost(sample.recordingReading ?? null, atMs);
    for (const stream of this.streams) stream.lost();
    for (const rule of this.rules) if (rule !== this.connection.rule) rule.hold('unreachable');
  }

  private answered(sample: HealthSample, atMs: number): void {
    // where nobody sends now, what is open is still about who did
    if (sample.sender != null && sample.sender !== this.sender) this.turnTo(sample.sender, atMs);
    for (const reading of sample.streams) this.stream(reading)?.read(reading, atMs);
    let settled = true;
    for (const stream of this.streams) {
      if (stream.readAtMs < atMs) this.unlisted(stream, atMs);
      if (this.isUnsettled(stream)) settled = false;
    }
    this.receiver.read(sample.receiver ?? null, atMs, this.first);
    if (sample.recording !== 'unknown') this.recording = sample.recording;
    this.tape.read(sample, atMs);
    if (sample.outputs && this.outputs.read(sample.outputs, atMs)) this.collect();
    this.connection.answered(atMs, settled);
    this.connection.noticeRestart(figure(sample.restartedAtMs), this.firstMs, atMs);
    this.inShow = this.showIsOn(sample);
    const judged = this.options.when === 'always' || this.inShow;
    if (judged !== this.judged) this.judge(judged, atMs);
    const counted = sample.hasStatistics !== false;
    if (counted !== this.counted) this.count(counted, judged, atMs);
    this.computer.read(sample.statistics, atMs, judged && counted, this.connection.reachableMs);
    this.program.read(sample, atMs, judged);
    this.air.read(sample.onProgram ?? null, atMs, judged, this.isLive);
    for (const media of this.media) media.read(sample.media, atMs, judged);
  }

  /** Picture, sound and frame rate are somebody else's from now on: what was wrong with the other's ends, and is never told of this one. */
  private turnTo(sender: string, atMs: number): void {
    for (const rule of [...this.program.rules, ...this.computer.computer, ...this.computer.disk]) {
      rule.reset('gone', atMs);
      rule.incident?.leave(rule, atMs);
    }
    this.sender = sender;
    this.program = new ProgramRules(this.settings, this.options.frozenNeedsSilence, sender);
    this.computer = new ComputerRules(this.settings, sender);
    this.collect();
    this.judged = false;
  }

  /** Whether what became of a stream that was live is still to be learnt. */
  private isUnsettled(stream: StreamRules): boolean {
    return (
      (stream.state === 'unknown' && stream.wasLive) || (this.watch.has('stream') && stream.endIsPending)
    );
  }

  private showIsOn(sample: HealthSample): boolean {
    let unknown = sample.recording === 'unknown' && this.recording !== 'idle';
    if (sample.recording === 'recording' || sample.recording === 'paused') return true;
    if (this.outputs.wereShow) return true;
    for (const { state } of this.streams) {
      if (state === 'live' || state === 'starting' || state === 'reconnecting') return true;
      if (state === 'unknown') unknown = true;
    }
    return unknown && this.inShow;
  }

  /** The stream that a media server is asked about: the one that is live, of several the first. */
  private get first(): StreamRules | null {
    return this.streams.find(({ state }) => state === 'live') ?? this.streams[0] ?? null;
  }

  private get isLive(): boolean {
    for (const { wasLive } of this.streams) if (wasLive) return true;
    return false;
  }

  /** There is, or is no longer, anything that the figures of the computer could be about. */
  private count(counted: boolean, judged: boolean, atMs: number): void {
    this.counted = counted;
    for (const rule of this.rules) {
      if (rule.facts.cause !== 'computer' && rule.facts.cause !== 'disk') continue;
      if (!counted) rule.reset('notLive', atMs);
      rule.applies = judged && counted;
    }
  }

  /** Begin or end to judge what is only judged during a show. */
  private judge(judged: boolean, atMs: number): void {
    this.judged = judged;
    const why: Why = judged ? 'first' : 'noShow';
    for (const rule of this.rules) {
      if (ALWAYS_JUDGED.includes(rule.facts.cause)) continue;
      if (!judged) rule.reset(why, atMs);
      rule.applies = judged;
    }
    if (!this.counted) this.count(false, judged, atMs);
  }

  /** A recording is well when it grows. */
  private tapeGroup(watched: RuleState[]): CauseGroup[] {
    const evidence = watched.filter(({ facts }) => facts.evidence);
    return evidence.length === 0
      ? []
      : [{ cause: 'recording', subject: null, evidence, applies: () => this.tape.runs }];
  }

  private stream(reading: StreamReading): StreamRules | null {
    for (const stream of this.streams) if (stream.output === reading.output) return stream;
    if (this.streams.length >= MOST_STREAMS && !this.forget()) return null;
    const stream = new StreamRules(reading.output, this.settings, this.options, this.firstMs);
    this.streams.push(stream);
    this.collect();
    return stream;
  }

  /** Of many that come and go, one that has ended makes room. */
  private forget(): boolean {
    const over = this.streams.findIndex(
      ({ state, rules }) =>
        state === 'idle' && rules.every(({ level, incident }) => level === 0 && !incident),
    );
    if (over >= 0) this.streams.splice(over, 1);
    return over >= 0;
  }

  private unlisted(stream: StreamRules, atMs: number): void {
    if (atMs - stream.readAtMs >= GONE_MS) stream.gone(atMs);
    else stream.missed();
  }

  /** The rules and causes that are watched; anew when a stream is seen for the first time. */
  private collect(): void {
    const on = (rule: RuleState): boolean =>
      !rule.off && (rule.facts.watch === null || this.watch.has(rule.facts.watch));
    const { connection, computer, program, air, tape, outputs, media } = this;
    const pictures = [program.black, program.frozen, air.fadedOut];
    const sounds = [program.silent, air.muted, program.clipped];
    const sources = [air.offline, air.callDropped];
    this.rules = [
      connection.rule,
      connection.restarted,
      ...computer.computer,
      ...computer.disk,
      ...this.streams.flatMap(({ rules }) => rules),
      ...this.receiver.rules,
      ...tape.rules,
      ...outputs.rules,
      ...pictures,
      ...sounds,
      ...sources,
      ...media.flatMap(({ rules }) => rules),
    ].filter(on);
    const group = (cause: Cause, subject: string | null, rules: RuleState[]): CauseGroup[] => {
      const watched = rules.filter(on);
      const evidence = watched.filter(({ facts }) => facts.evidence);
      return watched.length === 0
        ? []
        : [
            {
              cause,
              subject,
              evidence: evidence.length ? evidence : watched,
              applies: () => watched[0]!.applies,
            },
          ];
    };
    this.groups = [
      ...group('computer', null, computer.computer),
      ...group('disk', null, computer.disk),
      ...(this.watch.has('stream')
        ? this.streams.map(streamGroup)
        : this.streams.flatMap(({ output, coded }) => group('stream', output, coded.rules))),
      ...group('receiver', null, this.receiver.rules),
      ...this.tapeGroup(tape.rules.filter(on)),
      ...group('picture', null, pictures),
      ...group('sound', null, sounds),
      ...group('program', null, sources),
      ...media.flatMap(({ name, rules }) => group('media', name, rules)),
    ];
  }
}

/** A stream is well by its figures alone; where all of them are off, nobody knows. */
const streamGroup = (stream: StreamRules): CauseGroup => ({
  cause: 'stream',
  subject: stream.output,
  evidence: stream.rules.filter(({ facts, off }) => facts.evidence && !off),
  applies: () => stream.runs,
});

/** Whether a cause applies now and nothing is known of it. */
export function isUnknown({ applies, evidence }: CauseGroup): boolean {
  if (!applies()) return false;
  for (const { level, value } of evidence) if (level > 0 || !Number.isNaN(value)) return false;
  return true;
}
