interface ShownUse {
  bytes: number;
  frames: number;
  freeBytes: number | null;
  folder: string;
  duckdb: { available: boolean; reason: string | null };
  streams: { stream: string; frames: number; bytes: number; first: string; last: string }[];
}

function size(bytes: number): string {
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}

/** What the running store has: read when the dialog opens. */
async function showUse(node: EditorNode): Promise<void> {
  const said = (key: string, values?: object) => liveProduction.text(node, `use.${key}`, values);
  const answer = await liveProduction.post<{ use: ShownUse | null }>(node, 'frame-store/use', {
    id: node.id,
  });
  const place = $('.live-frames-use').empty();
  const note = (text: string, fault = false) =>
    place.append($('<div>', { class: fault ? 'form-tips live-note-fault' : 'form-tips' }).text(text));
  $('#live-frames-timeline').prop('disabled', !answer.ok || !answer.use);
  if (!answer.ok) return void note(answer.message, true);
  const { use } = answer;
  if (!use) return void note(said('undeployed'));
  const free = use.freeBytes === null ? said('freeUnknown') : size(use.freeBytes);
  note(said('all', { frames: use.frames, size: size(use.bytes), free, folder: use.folder }));
  note(use.duckdb.available ? said('duckdb') : said('noDuckdb', { reason: use.duckdb.reason ?? '' }));
  if (use.streams.length === 0) return;
  const time = (iso: string) =>
    new Date(iso).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
  const cell = (text: string) => $('<td>').text(text);
  place.append(
    $('<table>', { class: 'live-table' }).append(
      $('<thead>').append(
        $('<tr>').append(
          ...['stream', 'pictures', 'size', 'first', 'last'].map((key) =>
            $('<th>', { scope: 'col' }).text(said(key)),
          ),
        ),
      ),
      $('<tbody>').append(
        ...use.streams.map((one) =>
          $('<tr>').append(
            cell(one.stream),
            cell(String(one.frames)),
            cell(size(one.bytes)),
            cell(time(one.first)),
            cell(time(one.last)),
          ),
        ),
      ),
    ),
  );
}

RED.nodes.registerType('live-frame-store', {
  category: 'config',
  defaults: {
    name: { value: '' },
    configVersion: { value: 1 },
    folder: { value: '' },
    keepDays: {
      value: '30',
      validate(value, _options) {
        return liveProduction.check.within(this, value, 'keepDays', 0, 1_000_000);
      },
    },
    mostGb: {
      value: '50',
      validate(value, _options) {
        return liveProduction.check.within(this, value, 'mostGb', 0, 1_000_000);
      },
    },
    leastFreeGb: {
      value: '5',
      validate(value, _options) {
        return liveProduction.check.within(this, value, 'leastFreeGb', 0, 1_000_000);
      },
    },
  },
  icon: 'live-frame-store.svg',
  paletteLabel: 'frame store',
  label() {
    return this.name || 'frame store';
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    liveProduction.form(this);
    $('#live-frames-timeline')
      .prop('disabled', true)
      .on('click', () => liveProduction.openTimeline(this));
    void showUse(this);
  },
});
