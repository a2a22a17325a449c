/** What can be watched, as groups of ticks. */
const WATCHES: Record<string, string[]> = {
  machine: ['stream', 'coding', 'recording', 'outputs', 'computer', 'disk'],
  picture: ['black', 'frozen', 'faded', 'offline'],
  sound: ['silent', 'muted', 'clipped'],
  sources: ['media'],
};

function ticks(node: EditorNode): void {
  const chosen = Array.isArray(node.watch) ? node.watch : [];
  for (const [group, names] of Object.entries(WATCHES)) {
    const set = $('<fieldset>').append($('<legend>').text(liveProduction.text(node, `group.${group}`)));
    for (const name of names) {
      const box = $('<input>', { type: 'checkbox', value: name }).prop('checked', chosen.includes(name));
      const label = liveProduction.text(node, `watch.${name}`);
      set.append($('<label>').append(box, document.createTextNode(label)));
    }
    set.appendTo('.live-watch');
  }
}

function ticked(): string[] {
  return $('.live-watch input:checked')
    .toArray()
    .map((box) => String($(box).val()));
}

/** The ticks that mean anything for the chosen application; those of another are kept, hidden. */
function chosen(node: EditorNode): string[] {
  const known = liveProduction.watchesOf(liveProduction.currentText(node, 'application'));
  return ticked().filter((name) => known.includes(name));
}

function showTicks(node: EditorNode): void {
  const known = liveProduction.watchesOf(liveProduction.currentText(node, 'application'));
  $('.live-watch input').each((_, box) => {
    $(box)
      .parent()
      .toggle(known.includes(String($(box).val())));
  });
  // a group of none has no heading either
  for (const [index, names] of Object.values(WATCHES).entries())
    $('.live-watch fieldset')
      .eq(index)
      .toggle(names.some((name) => known.includes(name)));
}

/** The ticks of the open dialog, else those the node holds: validators ask before anything is saved. */
function watched(node: EditorNode): string[] {
  if (RED.editor.getEditStack().includes(node) && $('.live-watch input').length) return ticked();
  return Array.isArray(node.watch) ? (node.watch as string[]) : [];
}

let table: ReturnType<typeof liveProduction.rulesTable> | undefined;

RED.nodes.registerType('live-health-alert', {
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
        return liveProduction.check.connection(this, value, 'obs');
      },
    },
    vmix: {
      value: '',
      type: 'live-vmix-connection',
      validate(value, _options) {
        return liveProduction.check.connection(this, value, 'vmix');
      },
    },
    ingest: {
      value: '',
      type: 'live-rtmp-ingest',
      validate(value, _options) {
        return liveProduction.check.connection(this, value, 'ingest');
      },
    },
    stream: { value: '' },
    preset: { value: 'standard' },
    watch: { value: ['stream', 'recording', 'outputs', 'computer', 'disk'] },
    when: { value: 'show' },
    reminderMinutes: {
      value: '5',
      validate(value, _options) {
        return liveProduction.check.within(this, value, 'reminderMinutes', 0, 1440);
      },
    },
    sampleSeconds: {
      value: '5',
      validate(value, _options) {
        return liveProduction.check.interval(this, value, 'sampleSeconds');
      },
    },
    bitrateKbps: {
      value: '',
      validate(value, _options) {
        return liveProduction.check.count(this, value, 'bitrateKbps');
      },
    },
    media: {
      value: '',
      validate(value, _options) {
        return !watched(this).includes('media') || liveProduction.check.filled(this, value, 'media');
      },
    },
    frozenNeedsSilence: { value: true },
    attachPicture: { value: false },
    mediaServer: {
      value: '',
      type: 'live-media-server',
      required: false,
      validate(value, _options) {
        return liveProduction.mediaServerVerdict(this, value);
      },
    },
    received: {
      value: '',
      validate(value, _options) {
        return liveProduction.receivedVerdict(this, value);
      },
    },
    overrides: {
      value: {},
      validate(value, _options) {
        return liveProduction.check.rules(this, value, 'overrides');
      },
    },
  },
  inputs: 1,
  outputs: 2,
  icon: 'live-health-alert.svg',
  paletteLabel: 'health alert',
  label() {
    return this.name || 'health alert';
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  outputLabels(index) {
    return liveProduction.text(this, `output.${index === 0 ? 'alerts' : 'samples'}`);
  },
  oneditprepare() {
    liveProduction.form(this);
    liveProduction.tabs(this);
    liveProduction.application(this);
    ticks(this);
    liveProduction.receiver(this);
    liveProduction.liveList(this, 'stream', { what: { ingest: 'streams' } });
    liveProduction.liveList(this, 'media', { what: { obs: 'media' }, several: 'names' });
    table = liveProduction.rulesTable(this, $('.live-rules'), this.overrides, () => [
      ...chosen(this),
      ...(liveProduction.asksReceiver(this) ? ['receiver'] : []),
    ]);
    const show = () => {
      showTicks(this);
      const vmix = liveProduction.currentText(this, 'application') === 'vmix';
      const on = (...names: string[]) => chosen(this).some((name) => names.includes(name));
      $('.live-cost-logs').toggle(vmix && on('stream', 'computer'));
      $('.live-cost-outputs').toggle(on('outputs'));
      $('.live-cost-level').toggle(vmix && on('silent'));
      $('.live-cost-picture').toggle(on('black', 'frozen'));
      const heard = liveProduction.field(this, 'frozenNeedsSilence').prop('checked') === true;
      $('.live-cost-sound').toggle(!vmix && (on('silent', 'clipped') || (on('frozen') && heard)));
      $('.live-cost-media').toggle(on('media'));
      liveProduction.row(this, 'stream').toggle(liveProduction.isOn(this, 'ingest'));
      liveProduction.row(this, 'media').toggle(on('media'));
      liveProduction.row(this, 'frozenNeedsSilence').toggle(on('frozen'));
      liveProduction.row(this, 'bitrateKbps').toggle(on('stream'));
      table?.update();
    };
    $('.live-watch input').on('change', () => {
      show();
      liveProduction.field(this, 'media').trigger('change');
    });
    liveProduction.whenChanged(this, ['frozenNeedsSilence', 'application', 'mediaServer'], show);
  },
  oneditsave() {
    liveProduction.saveApplication(this);
    this.watch = ticked();
    this.overrides = table?.rows() ?? {};
  },
});
