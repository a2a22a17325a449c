import { Refusal } from '../fields';
import type { Data } from '../fields';
import type { Filter, Input, Scene } from '../sources';
import { Status } from '../tables/codes';
import { source } from './handler';
import type { Call, Handler } from './handler';

/** Some of OBS's filter kinds; settings are kept, nothing is filtered. */
const KINDS = [
  'color_filter_v2',
  'crop_filter',
  'chroma_key_filter_v2',
  'gain_filter',
  'gpu_delay',
  'image_lut_filter',
  'limiter_filter',
  'mask_filter_v2',
  'noise_gate_filter',
  'noise_suppress_filter_v2',
  'compressor_filter',
  'scale_filter',
  'scroll_filter',
  'sharpness_filter_v2',
];

function filter(call: Call): { owner: Input | Scene; found: Filter } {
  const owner = source(call, 'source');
  const name = call.fields.string('filterName');
  const found = owner.filters.find((candidate) => candidate.name === name);
  if (!found) {
    throw new Refusal(
      Status.NotFound,
      `No filter was found in the source \`${owner.name}\` with the name \`${name}\`.`,
    );
  }
  return { owner, found };
}

function tell(call: Call, type: string, owner: Input | Scene, data: Data): void {
  call.studio.emit(type, { ...data, sourceName: owner.name });
}

function describe(owner: Input | Scene, found: Filter): Data {
  return {
    filterEnabled: found.enabled,
    filterIndex: owner.filters.indexOf(found),
    filterKind: found.kind,
    filterSettings: found.settings,
  };
}

/** Filter requests. */
export const filters: Record<string, Handler> = {
  GetSourceFilterKindList: () => ({ sourceFilterKinds: KINDS }),

  GetSourceFilterList: (call) => {
    const owner = source(call, 'source');
    return { filters: owner.filters.map((found) => ({ ...describe(owner, found), filterName: found.name })) };
  },

  GetSourceFilterDefaultSettings: ({ fields }) => {
    if (!KINDS.includes(fields.string('filterKind'))) throw new Refusal(Status.InvalidFilterKind);
    return { defaultFilterSettings: {} };
  },

  CreateSourceFilter: (call) => {
    const { fields } = call;
    const owner = source(call, 'source');
    const name = fields.string('filterName');
    const kind = fields.string('filterKind');
    if (owner.filters.some((other) => other.name === name)) {
      throw new Refusal(Status.AlreadyExists, 'A filter already exists by that name.');
    }
    if (!KINDS.includes(kind)) {
      throw new Refusal(
        Status.InvalidFilterKind,
        'Your specified filter kind is not supported by OBS. Check that any necessary plugins are loaded.',
      );
    }
    const settings = fields.optionalObject('filterSettings', true) ?? {};
    const created: Filter = { name, kind, enabled: true, settings: { ...settings } };
    owner.filters.push(created);
    tell(call, 'SourceFilterCreated', owner, {
      defaultFilterSettings: {},
      filterIndex: owner.filters.indexOf(created),
      filterKind: kind,
      filterName: name,
      filterSettings: created.settings,
    });
  },

  RemoveSourceFilter: (call) => {
    const { owner, found } = filter(call);
    owner.filters = owner.filters.filter((other) => other !== found);
    tell(call, 'SourceFilterRemoved', owner, { filterName: found.name });
  },

  SetSourceFilterName: (call) => {
    const { owner, found } = filter(call);
    const name = call.fields.string('newFilterName');
    if (owner.filters.some((other) => other.name === name)) {
      throw new Refusal(Status.AlreadyExists, 'A filter already exists by that new name.');
    }
    const oldFilterName = found.name;
    found.name = name;
    tell(call, 'SourceFilterNameChanged', owner, { filterName: name, oldFilterName });
  },

  GetSourceFilter: (call) => {
    const { owner, found } = filter(call);
    return describe(owner, found);
  },

  SetSourceFilterIndex: (call) => {
    const { owner, found } = filter(call);
    const index = Math.trunc(call.fields.number('filterIndex', 0, 8192));
    if (index === owner.filters.indexOf(found)) return;
    const others = owner.filters.filter((other) => other !== found);
    others.splice(Math.min(index, others.length), 0, found);
    owner.filters = others;
    tell(call, 'SourceFilterListReindexed', owner, {
      filters: owner.filters.map((other) => ({ ...describe(owner, other), filterName: other.name })),
    });
  },

  SetSourceFilterSettings: (call) => {
    const { owner, found } = filter(call);
    const settings = call.fields.object('filterSettings', true);
    const overlay = call.fields.optionalBoolean('overlay') ?? true;
    found.settings = overlay ? { ...found.settings, ...settings } : { ...settings };
    if (call.studio.version.uuids) {
      tell(call, 'SourceFilterSettingsChanged', owner, {
        filterName: found.name,
        filterSettings: found.settings,
      });
    }
  },

  SetSourceFilterEnabled: (call) => {
    const { owner, found } = filter(call);
    const filterEnabled = call.fields.boolean('filterEnabled');
    if (found.enabled === filterEnabled) return;
    found.enabled = filterEnabled;
    tell(call, 'SourceFilterEnableStateChanged', owner, { filterEnabled, filterName: found.name });
  },
};
