import { fail } from '../errors';
import { RULE_FACTS } from './facts';
import { PRESET_SETTINGS } from './presets';
import { PRESETS, RULES, WATCHES, type HealthOptions, type RuleId, type RuleSetting } from './types';

const LEVELS = ['warn', 'critical', 'clear'] as const;
const TIMES = ['warnForMs', 'criticalForMs', 'clearMs'] as const;
const WORDS: Record<(typeof LEVELS)[number] | (typeof TIMES)[number], string> = {
  warn: 'the warning level',
  critical: 'the critical level',
  clear: 'the clear level',
  warnForMs: 'the time before a warning',
  criticalForMs: 'the time before it is critical',
  clearMs: 'the clear time',
};
const HOUR_MS = 3_600_000;

/**
 * The rules as they hold: the preset with what was overridden.
 * @throws LiveError `CONFIG_INVALID` for an unknown preset, rule or property, a value that is no number, and levels in the wrong order
 */
export function settingsOf(
  options: Pick<HealthOptions, 'preset' | 'overrides'>,
): Record<RuleId, RuleSetting> {
  if (!PRESETS.includes(options.preset))
    throw invalid('Preset', `"${String(options.preset)}" is none of ${PRESETS.join(', ')}`);
  const preset = PRESET_SETTINGS[options.preset];
  const overrides = options.overrides ?? {};
  for (const rule of Object.keys(overrides))
    if (!RULES.includes(rule as RuleId)) throw invalid('Health rules', `there is no rule "${rule}"`);
  const settings = {} as Record<RuleId, RuleSetting>;
  for (const rule of RULES) settings[rule] = checked(rule, { ...preset[rule] }, overrides[rule] ?? {});
  return settings;
}

/**
 * Look at everything but the rules.
 * @throws LiveError `CONFIG_INVALID`
 */
export function checkOptions(options: HealthOptions): void {
  for (const watch of options.watch)
    if (!WATCHES.includes(watch))
      throw invalid('Watch', `"${String(watch)}" is none of ${WATCHES.join(', ')}`);
  if (options.when !== 'show' && options.when !== 'always')
    throw invalid('When', `"${String(options.when)}" is neither show nor always`);
  if (!(Number.isFinite(options.reminderMs) && options.reminderMs >= 0))
    throw invalid('Reminder', 'it must be a time of 0 or more');
  const { bitrateKbps } = options;
  if (bitrateKbps !== null && !(Number.isFinite(bitrateKbps) && bitrateKbps > 0))
    throw invalid('Bitrate', 'it must be a number above 0, or empty');
  if (options.media.some((name) => typeof name !== 'string' || name === ''))
    throw invalid('Media inputs', 'a name is empty');
}

function checked(rule: RuleId, setting: RuleSetting, override: Partial<RuleSetting>): RuleSetting {
  const field = `Health rule "${RULE_FACTS[rule].label}"`;
  for (const key of Object.keys(override) as (keyof RuleSetting)[])
    if (!(key in WORDS)) throw invalid(field, `"${key}" is not a property of a rule that can be set`);
  for (const key of LEVELS) {
    const value = override[key];
    if (value === undefined) continue;
    if (value !== null && !Number.isFinite(value)) throw invalid(field, `${WORDS[key]} is not a number`);
    if (RULE_FACTS[rule].kind === 'state' && value !== null && value !== 0)
      throw invalid(field, `${WORDS[key]} can only be on (0) or off: this rule has no levels, only times`);
    setting[key] = value;
  }
  for (const key of TIMES) {
    const value = override[key];
    if (value === undefined) continue;
    if (!Number.isFinite(value) || value < 0 || value > HOUR_MS)
      throw invalid(field, `${WORDS[key]} must lie between 0 and an hour`);
    setting[key] = value;
  }
  return inOrder(rule, setting, field);
}

/** Critical is worse than warning, and the clear level lies on the good side of both. */
function inOrder(rule: RuleId, setting: RuleSetting, field: string): RuleSetting {
  const { warn, critical } = setting;
  const first = warn ?? critical;
  if (first === null || RULE_FACTS[rule].kind === 'state') {
    setting.clear = first === null ? null : 0;
    return setting;
  }
  const downIsBad = RULE_FACTS[rule].kind === 'below';
  const better = (a: number, b: number): boolean => (downIsBad ? a >= b : a <= b);
  const side = downIsBad ? 'above' : 'below';
  if (warn !== null && critical !== null && !better(warn, critical))
    throw invalid(field, `the warning level (${warn}) must lie ${side} the critical one (${critical})`);
  // content as soon as it is no longer bad, where nobody said more; "at least" is bad at its very level
  setting.clear ??= RULE_FACTS[rule].kind === 'atLeast' ? first - 1 : first;
  const { clear } = setting;
  if (!better(clear, first) || (RULE_FACTS[rule].kind === 'atLeast' && clear === first))
    throw invalid(field, `the clear level (${clear}) must lie ${side} the level it clears (${first})`);
  return setting;
}

const invalid = (field: string, reason: string): Error => fail('CONFIG_INVALID', { field, reason });
