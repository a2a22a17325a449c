import type { RuleFacts } from '../lib/health/facts';
import type { PresetId, RuleId, RuleSetting } from '../lib/health/types';
import { text } from './dialog';

/** Presets and facts of lib/health, put here by the build: browser code holds no copy that could differ. */
declare const LIVE_HEALTH_PRESETS: Record<PresetId, Record<RuleId, RuleSetting>>;
declare const LIVE_HEALTH_RULES: Record<RuleId, RuleFacts>;
declare const LIVE_HEALTH_WATCHES: Record<string, readonly string[]>;

const FIXED: RuleId[] = ['unexpectedStop', 'startFailed', 'restarted'];
/** The rules in the order of the table. A stream that ended or did not start, and a restart, are told at once: nothing can be set. */
export const tableRules = (): RuleId[] =>
  (Object.keys(LIVE_HEALTH_RULES) as RuleId[]).filter((rule) => !FIXED.includes(rule));
/** What an application can be watched for. */
export const watchesOf = (application: string): readonly string[] => LIVE_HEALTH_WATCHES[application] ?? [];
/** What has to be ticked for a rule; null: it is always watched. */
export const watchOf = (rule: RuleId): string | null => LIVE_HEALTH_RULES[rule].watch;

const LONGEST_S = 3_600;

export type Column = 'warn' | 'warnSeconds' | 'critical' | 'criticalSeconds' | 'clear' | 'clearSeconds';
export type RuleRow = Partial<Record<Column, string>>;
export type RuleRows = Record<string, RuleRow>;

export const COLUMNS: Column[] = [
  'warn',
  'warnSeconds',
  'critical',
  'criticalSeconds',
  'clear',
  'clearSeconds',
];
/** A level, and no time. */
export const isLevel = (column: Column): column is 'warn' | 'critical' | 'clear' =>
  !column.endsWith('Seconds');

const presetOf = (preset: string): Record<RuleId, RuleSetting> =>
  LIVE_HEALTH_PRESETS[preset as PresetId] ?? LIVE_HEALTH_PRESETS.standard;
const isState = (rule: RuleId) => LIVE_HEALTH_RULES[rule].kind === 'state';

/** What a rule is called in words. */
export const nameOfRule = (rule: string): string => LIVE_HEALTH_RULES[rule as RuleId]?.label ?? rule;

/** What a preset says in a cell, as one would type it. */
export function standard(preset: string, rule: RuleId, column: Column): string {
  const setting = presetOf(preset)[rule];
  if (isLevel(column)) {
    const level = setting[column];
    return level === null ? 'off' : isState(rule) ? 'on' : String(level);
  }
  const { warnForMs: warnSeconds, criticalForMs: criticalSeconds, clearMs: clearSeconds } = setting;
  return String({ warnSeconds, criticalSeconds, clearSeconds }[column] / 1000);
}

/** Whether a cell means anything: a state, such as reconnecting, is over when it is over. */
export const applies = (rule: RuleId, column: Column) => column !== 'clear' || !isState(rule);

/** Why a value of the table will not do, as a key of `invalid`; null when it will. */
export function faultOfCell(rule: string, column: string, value: unknown): string | null {
  const typed = String(value).trim();
  const number = typed === '' ? NaN : Number(typed);
  if (column.endsWith('Seconds')) return number >= 0 && number <= LONGEST_S ? null : 'ruleSeconds';
  if (typed === 'off') return null;
  if (LIVE_HEALTH_RULES[rule as RuleId] && isState(rule as RuleId))
    return typed === 'on' ? null : 'ruleSwitch';
  return Number.isFinite(number) ? null : 'ruleLevel';
}

/** Why the levels of a rule contradict each other, as a key of `invalid`; null when they do not. */
export function faultOfLevels(preset: string, rule: string, row: RuleRow): string | null {
  const facts = LIVE_HEALTH_RULES[rule as RuleId];
  if (!facts || facts.kind === 'state') return null;
  const [warn, critical, clear] = (['warn', 'critical', 'clear'] as const).map((column) =>
    Number(row[column] ?? standard(preset, rule as RuleId, column)),
  ) as [number, number, number];
  const worse = (one: number, other: number) => (facts.kind === 'below' ? one < other : one > other);
  // `off` and variables are no numbers, and compare with nothing
  if (worse(warn, critical)) return 'ruleOrder';
  const first = Number.isNaN(warn) ? critical : warn;
  // "at least" is bad at its very level
  return worse(clear, first) || (facts.kind === 'atLeast' && clear === first) ? 'ruleClear' : null;
}

/** The unit of a rule's levels; the plain limits take bitrate and frame rate as they are. */
export function unitOf(node: EditorNode, rule: RuleId, preset: string): string {
  const { unit, absoluteUnit, kind } = LIVE_HEALTH_RULES[rule];
  if (kind === 'state') return '';
  if (presetOf(preset)[rule].absolute) return absoluteUnit ?? unit;
  return absoluteUnit ? text(node, `ruleUnit.${rule}`) : unit;
}
