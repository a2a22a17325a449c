import type { ReceiverDef } from '../../red/receivers';
import { choiceField, numberField, resolveEnv } from '../../red/typed-inputs';
import type { ApplicationDef, Node, NodeAPI } from '../../red/types';
import { fail } from '../../lib/errors';
import {
  PRESETS,
  RULES,
  WATCHES,
  type HealthOptions,
  type RuleSetting,
  type WatchId,
} from '../../lib/health/types';
import type { HealthWish } from '../../lib/production/health';
import { namesIn } from '../../lib/production/names';

/** How often readings and pictures come; a slow application is read less often by itself. Tests shorten it. */
export const reading = { everyMs: 1_000 };
const DAY_MINUTES = 1_440;
const HOUR_S = 3_600;
/** Wider than any figure that is measured. */
const WIDEST = 10_000_000;

/** A row of the dialog's table: levels in the unit of the rule, or `off`, and seconds. Only what differs from the preset. */
export type RuleRow = Partial<
  Record<'warn' | 'critical' | 'clear' | 'warnSeconds' | 'criticalSeconds' | 'clearSeconds', string>
>;

export interface HealthAlertDef extends ApplicationDef, ReceiverDef {
  /** of an ingest: the one stream that is watched; empty: all */
  stream?: string;
  preset: string;
  watch: string[];
  when: string;
  reminderMinutes: string;
  sampleSeconds: string;
  bitrateKbps: string;
  media: string;
  frozenNeedsSilence: boolean;
  attachPicture: boolean;
  overrides: Record<string, RuleRow>;
}

const TIMES = {
  warnSeconds: 'warnForMs',
  criticalSeconds: 'criticalForMs',
  clearSeconds: 'clearMs',
} as const;

/**
 * What the dialog says, as the rules want it; of what is ticked only what the application can be watched for: `can`. Throws
 * CONFIG_INVALID or CONFIG_ENV_MISSING.
 */
export function healthOptions(
  RED: NodeAPI,
  node: Node,
  config: HealthAlertDef,
  can: readonly WatchId[],
): HealthOptions {
  const watch = (Array.isArray(config.watch) ? config.watch : [])
    .map((id) => choiceField('watch', id, WATCHES))
    .filter((id) => can.includes(id));
  if (config.mediaServer) watch.push('receiver');
  const media = watch.includes('media') ? namesIn(resolveEnv(RED, node, 'media', config.media)) : [];
  if (watch.includes('media') && media.length === 0)
    throw fail('CONFIG_INVALID', { field: 'media', reason: 'no media input is named' });
  return {
    preset: choiceField('preset', config.preset, PRESETS),
    watch,
    overrides: overridesIn(RED, node, config.overrides),
    when: choiceField('when', config.when, ['show', 'always'] as const),
    reminderMs: numberField(RED, node, 'reminder', config.reminderMinutes, 0, 0, DAY_MINUTES) * 60_000,
    bitrateKbps: numberField(RED, node, 'bitrate', config.bitrateKbps, 0, 0, WIDEST) || null,
    media,
    frozenNeedsSilence: config.frozenNeedsSilence !== false,
  };
}

/** What has to be read for these options. */
export function wishOf({ watch, media, frozenNeedsSilence }: HealthOptions): HealthWish {
  const any = (...ids: WatchId[]) => ids.some((id) => watch.includes(id));
  return {
    everyMs: reading.everyMs,
    pictureEveryMs: any('black', 'frozen') ? reading.everyMs : null,
    // a slide with somebody talking is no frozen picture
    recording: any('recording'),
    sound: any('silent', 'clipped') || (any('frozen') && frozenNeedsSilence),
    media,
  };
}

function overridesIn(
  RED: NodeAPI,
  node: Node,
  rows: HealthAlertDef['overrides'] | undefined,
): HealthOptions['overrides'] {
  const overrides: HealthOptions['overrides'] = {};
  for (const [name, row] of Object.entries(rows ?? {})) {
    const rule = choiceField('rules', name, RULES);
    const setting: Partial<RuleSetting> = {};
    for (const [column, value] of Object.entries(row)) {
      const field = `${rule} ${column}`;
      const text = resolveEnv(RED, node, field, value).trim();
      if (text === '') continue;
      if (column === 'warn' || column === 'critical' || column === 'clear')
        // a rule that knows only yes and no has 0 for a level that is on
        setting[column] =
          text === 'off' ? null : text === 'on' ? 0 : numberField(RED, node, field, text, 0, -WIDEST, WIDEST);
      else if (column in TIMES)
        setting[TIMES[column as keyof typeof TIMES]] =
          numberField(RED, node, field, text, 0, 0, HOUR_S) * 1000;
    }
    overrides[rule] = setting;
  }
  return overrides;
}
