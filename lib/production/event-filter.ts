import { fail } from '../errors';

export type FilterOperator = 'equals' | 'not-equals' | 'contains' | 'above' | 'below' | 'exists';
const OPERATORS: readonly FilterOperator[] = ['equals', 'not-equals', 'contains', 'above', 'below', 'exists'];

/** One condition on a property of a payload, `a.b.0` style. */
export interface EventFilter {
  property: string;
  operator: FilterOperator;
  value: string;
}

/** Filters as a dialog saved them. Throws CONFIG_INVALID naming the one that makes no sense. */
export function parseFilters(saved: unknown): EventFilter[] {
  if (saved === undefined || saved === null || saved === '') return [];
  if (!Array.isArray(saved)) throw fail('CONFIG_INVALID', { field: 'filters', reason: 'they are no list' });
  return saved.map((entry: Partial<EventFilter>, index) => {
    const field = `filter ${index + 1}`;
    if (!entry?.property) throw fail('CONFIG_INVALID', { field, reason: 'it names no property' });
    if (!OPERATORS.includes(entry.operator!))
      throw fail('CONFIG_INVALID', { field, reason: `it has no condition out of ${OPERATORS.join(', ')}` });
    const value = String(entry.value ?? '');
    if (
      (entry.operator === 'above' || entry.operator === 'below') &&
      (value.trim() === '' || !Number.isFinite(Number(value)))
    )
      throw fail('CONFIG_INVALID', { field, reason: `"${value}" is no number to compare with` });
    return { property: entry.property, operator: entry.operator!, value };
  });
}

/** Whether a payload passes every filter. Values compare as text, `above` and `below` as numbers. */
export function passes(payload: unknown, filters: readonly EventFilter[]): boolean {
  return filters.every(({ property, operator, value }) => {
    const found = at(payload, property);
    switch (operator) {
      case 'exists':
        return found !== undefined && found !== null;
      case 'equals':
        return found !== undefined && asText(found) === value;
      case 'not-equals':
        return asText(found) !== value;
      case 'contains':
        return found !== undefined && found !== null && asText(found).includes(value);
      case 'above':
        return typeof found === 'number' && found > Number(value);
      case 'below':
        return typeof found === 'number' && found < Number(value);
    }
  });
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

function at(payload: unknown, path: string): unknown {
  let value: unknown = payload;
  for (const name of path
    .replace(/^(msg\.)?payload\./, '')
    .split(/[.[\]]+/)
    .filter(Boolean)) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}
