import { Refusal } from '../fields';
import type { Data } from '../fields';
import type { Filter, Input, Scene } from '../sources';
import { Status } from '../tables/codes';
import { source } from './handler';
import type { Call, Handler } from './handler';
import { withoutNulls } from './inputs';

interface FilterKind {
  defaults: Data;
  /** sound filters and picture filters are two lists to OBS, though clients see one */
  sound?: true;
}

/** Filter kinds of Debian's OBS 29.0.2 with their defaults; settings are kept, nothing is filtered. */
const KINDS = new Map<string, FilterKind>(
  Object.entries({
    color_filter_v2: {
      defaults: {
        brightness: 0,
        color_add: 0,
        color_multiply: 16777215,
        contrast: 0,
        gamma: 0,
        hue_shift: 0,
        opacity: 1,
        saturation: 0,
      },
    },
    crop_filter: { defaults: { relative: true } },
    chroma_key_filter_v2: {
      defaults: {
        brightness: 0,
        contrast: 0,
        gamma: 0,
        key_color: 65280,
        key_color_type: 'green',
        opacity: 1,
        similarity: 400,
        smoothness: 80,
        spill: 100,
      },
    },
    gain_filter: { sound: true, defaults: { db: 0 } },
    gpu_delay: { defaults: {} },
    clut_filter: { defaults: { clut_amount: 1, passthrough_alpha: false } },
    limiter_filter: { sound: true, defaults: { release_time: 60, threshold: -6 } },
    mask_filter_v2: { defaults: { color: 16777215, opacity: 1, type: 'mask_color_filter.effect' } },
    noise_gate_filter: {
      sound: true,
      defaults: {
        attack_time: 25,
        close_threshold: -32,
        hold_time: 200,
        open_threshold: -26,
        release_time: 150,
      },
    },
    noise_suppress_filter_v2: { sound: true, defaults: { method: 'rnnoise', suppress_level: -30 } },
    compressor_filter: {
      sound: true,
      defaults: {
        attack_time: 6,
        output_gain: 0,
        ratio: 10,
        release_time: 60,
        sidechain_source: 'none',
        threshold: -18,
      },
    },
    scale_filter: { defaults: { resolution: 'None', sampling: 'bicubic', undistort: false } },
    scroll_filter: { defaults: { cx: 100, cy: 100, limit_size: false, loop: true } },
    sharpness_filter_v2: { defaults: { sharpness: 0.08 } },
  }),
);

const isSound = (kind: string): boolean => KINDS.get(kind)?.sound === true;

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
  GetSourceFilterKindList: () => ({ sourceFilterKinds: [...KINDS.keys()] }),

  GetSourceFilterList: (call) => {
    const owner = source(call, 'source');
    return { filters: owner.filters.map((found) => ({ ...describe(owner, found), filterName: found.name })) };
  },

  GetSourceFilterDefaultSettings: ({ fields }) => {
    const kind = KINDS.get(fields.string('filterKind'));
    if (!kind) throw new Refusal(Status.InvalidFilterKind);
    return { defaultFilterSettings: kind.defaults };
  },

  CreateSourceFilter: (call) => {
    const { fields } = call;
    const owner = source(call, 'source');
    const name = fields.string('filterName');
    const kind = fields.string('filterKind');
    if (owner.filters.some((other) => other.name === name)) {
      throw new Refusal(Status.AlreadyExists, 'A filter already exists by that name.');
    }
    const about = KINDS.get(kind);
    if (!about) {
      throw new Refusal(
        Status.InvalidFilterKind,
        'Your specified filter kind is not supported by OBS. Check that any necessary plugins are loaded.',
      );
    }
    const settings = fields.optionalObject('filterSettings', true) ?? {};
    // measured: OBS says yes and makes none
    if (about.sound && owner.type === 'input' && !owner.about.audio) return;
    const created: Filter = { name, kind, enabled: true, settings: withoutNulls(settings) };
    owner.filters.push(created);
    tell(call, 'SourceFilterCreated', owner, {
      defaultFilterSettings: about.defaults,
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
    // measured: it moves among those of its own sort
    const sameSort = (list: Filter[]) => list.filter(({ kind }) => isSound(kind) === isSound(found.kind));
    const [before, after] = [sameSort(owner.filters), sameSort(others)];
    if (before.every((other, at) => other === after[at])) return;
    owner.filters = others;
    tell(call, 'SourceFilterListReindexed', owner, {
      filters: owner.filters.map((other) => ({ ...describe(owner, other), filterName: other.name })),
    });
  },

  SetSourceFilterSettings: (call) => {
    const { owner, found } = filter(call);
    const settings = withoutNulls(call.fields.object('filterSettings', true));
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
    found.enabled = filterEnabled;
    tell(call, 'SourceFilterEnableStateChanged', owner, { filterEnabled, filterName: found.name });
  },
};
