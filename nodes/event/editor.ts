interface Filter {
  property: string;
  operator: string;
  value: string;
}

/** The events this version can tell, in the order of a show. */
const GROUPS: Record<string, string[]> = {
  connection: ['obs_connected', 'obs_disconnected', 'vmix_connected', 'vmix_disconnected'],
  stream: [
    'stream_starting',
    'stream_started',
    'stream_reconnecting',
    'stream_reconnected',
    'stream_failed',
    'stream_stopped',
    'srt_stream_started',
    'srt_stream_stopped',
  ],
  recording: [
    'recording_started',
    'recording_paused',
    'recording_resumed',
    'recording_file_changed',
    'recording_stopped',
  ],
  outputs: ['virtualcam_started', 'virtualcam_stopped', 'output_started', 'output_stopped', 'replay_saved'],
  scene: ['scene_changed'],
  source: [
    'source_switched',
    'source_switch_failed',
    'source_cleared',
    'source_stalled',
    'source_recovered',
    'source_ended',
  ],
  health: ['health_alert', 'health_recovered'],
  publishers: ['publisher_denied'],
  emergency: ['emergency_stop_all'],
};

const OPERATORS = ['equals', 'not-equals', 'contains', 'above', 'below', 'exists'];

function choices(node: EditorNode): void {
  const chosen = Array.isArray(node.events) ? node.events : [];
  for (const [group, names] of Object.entries(GROUPS)) {
    const set = $('<fieldset>').append($('<legend>').text(liveProduction.text(node, `group.${group}`)));
    for (const name of names) {
      const box = $('<input>', { type: 'checkbox', value: name }).prop('checked', chosen.includes(name));
      set.append($('<label>').append(box, document.createTextNode(name)));
    }
    set.appendTo('.live-choices');
  }
}

function filterList(node: EditorNode): void {
  const list = $('#live-filters').editableList<Partial<Filter>>({
    height: 'auto',
    removable: true,
    addButton: liveProduction.text(node, 'filter.add'),
    addItem: (row, _index, data) => {
      const label = (key: string) => ({ 'aria-label': liveProduction.text(node, `filter.${key}`) });
      const property = $('<input>', {
        type: 'text',
        class: 'live-filter-property',
        placeholder: liveProduction.text(node, 'filter.property'),
      });
      const operator = $('<select>', { class: 'live-filter-operator' });
      for (const value of OPERATORS)
        operator.append($('<option>', { value }).text(liveProduction.text(node, `operator.${value}`)));
      const value = $('<input>', {
        type: 'text',
        class: 'live-filter-value',
        placeholder: liveProduction.text(node, 'filter.value'),
      });
      property.attr(label('property')).val(data.property ?? '');
      operator.attr(label('operator')).val(data.operator ?? 'equals');
      value.attr(label('value')).val(data.value ?? '');
      operator
        .on('change', () => void value.css('visibility', operator.val() === 'exists' ? 'hidden' : ''))
        .trigger('change');
      row.addClass('live-row').append(property, operator, value);
    },
  });
  for (const filter of Array.isArray(node.filters) ? (node.filters as Filter[]) : [])
    list.editableList('addItem', filter);
}

function filtersInDialog(): Filter[] {
  const rows = $('#live-filters').editableList('items').toArray() as unknown as JQuery[];
  return rows
    .map((row) => ({
      property: String(row.find('.live-filter-property').val()).trim(),
      operator: String(row.find('.live-filter-operator').val()),
      value: String(row.find('.live-filter-value').val()),
    }))
    .filter(({ property }) => property !== '');
}

RED.nodes.registerType('live-event', {
  category: 'live production',
  color: '#87A980',
  defaults: {
    name: { value: '' },
    configVersion: { value: 1 },
    application: { value: 'obs' },
    obs: {
      value: '',
      type: 'live-obs-connection',
      validate(value, _options) {
        return liveProduction.currentText(this, 'source') === 'raw'
          ? liveProduction.check.connection(this, value, 'obs')
          : liveProduction.check.optionalReference(this, value, 'obs');
      },
    },
    vmix: {
      value: '',
      type: 'live-vmix-connection',
      validate(value, _options) {
        return liveProduction.currentText(this, 'source') === 'raw'
          ? liveProduction.check.connection(this, value, 'vmix')
          : liveProduction.check.optionalReference(this, value, 'vmix');
      },
    },
    ingest: {
      value: '',
      type: 'live-rtmp-ingest',
      required: false,
      validate(value, _options) {
        return liveProduction.check.optionalReference(this, value, 'ingest');
      },
    },
    source: {
      value: 'show',
      validate(value, _options) {
        const isFit = value !== 'raw' || !liveProduction.isOn(this, 'ingest');
        return isFit || liveProduction.text(this, 'invalid.raw');
      },
    },
    events: { value: [] },
    rawEvents: {
      value: '',
      validate(value, _options) {
        return (
          liveProduction.currentText(this, 'source') !== 'raw' ||
          liveProduction.check.filled(this, value, 'rawEvents')
        );
      },
    },
    filters: {
      value: [],
      validate(value, _options) {
        return liveProduction.check.filters(this, value, 'filters');
      },
    },
    limit: {
      value: '100',
      validate(value, _options) {
        return liveProduction.check.count(this, value, 'limit');
      },
    },
    present: { value: false },
  },
  inputs: 0,
  outputs: 1,
  icon: 'live-event.svg',
  paletteLabel: 'event',
  label() {
    const only =
      Array.isArray(this.events) && this.events.length === 1 && this.source !== 'raw'
        ? String(this.events[0])
        : '';
    return this.name || only || 'event';
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    liveProduction.form(this);
    liveProduction.tabs(this);
    liveProduction.application(this, { any: true });
    choices(this);
    filterList(this);
    liveProduction.liveList(this, 'rawEvents', { what: 'events', several: true });
    const raw = () => liveProduction.currentText(this, 'source') === 'raw';
    liveProduction.showRows(this, ['source'], { rawEvents: raw, present: () => !raw() });
    liveProduction.whenChanged(this, ['source', 'application'], () => {
      const chosen = liveProduction.currentText(this, 'application');
      liveProduction.offer(this, 'source', (value) => value !== 'raw' || chosen !== 'ingest');
      $('.live-choices').closest('.form-row').toggle(!raw());
      $('.live-raw').each((_, tip) => void $(tip).toggle(raw() && $(tip).data('application') === chosen));
      if (raw()) liveProduction.preselect(this, chosen);
    });
  },
  oneditsave() {
    liveProduction.saveApplication(this);
    const ticked = $('.live-choices input:checked').toArray();
    this.events = ticked.map((box) => String($(box).val()));
    this.filters = filtersInDialog();
  },
});
