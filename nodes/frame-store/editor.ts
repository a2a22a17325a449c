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

/** Make a link for others, as the page is deployed: it is shown now and never again. */
async function makeLink(node: EditorNode): Promise<void> {
  const said = (key: string, values?: object) => liveProduction.text(node, `link.${key}`, values);
  const typed = (field: string) => String($(`#live-frames-link-${field}`).val() ?? '').trim();
  const streams = typed('streams')
    .split(/[\s,]+/)
    .filter(Boolean);
  const answer = await liveProduction.post<{ address: string; until: string }>(node, 'timeline/link', {
    id: node.id,
    hours: Number(typed('hours') || NaN),
    streams: streams.length > 0 ? streams : null,
  });
  if (!answer.ok) return sayOfLinks(answer.message, true);
  const until = new Date(answer.until).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
  const { row, field } = liveProduction.pasteRow({
    label: said('new'),
    ...{ copy: said('copy'), value: answer.address, note: said('once', { until }) },
  });
  $('.live-frames-link-new').empty().append(row);
  field.trigger('focus').trigger('select');
}

async function withdrawLinks(node: EditorNode): Promise<void> {
  const answer = await liveProduction.post<object>(node, 'timeline/withdraw', { id: node.id });
  sayOfLinks(answer.ok ? liveProduction.text(node, 'link.withdrawn') : answer.message, !answer.ok);
}

function sayOfLinks(text: string, fault: boolean): void {
  $('.live-frames-link-new')
    .empty()
    .append($('<div>', { class: fault ? 'form-tips live-note-fault' : 'form-tips' }).text(text));
}

const hasPage = (node: EditorNode): boolean => liveProduction.current(node, 'page') === true;

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
    page: { value: false },
    pageTitle: { value: '' },
    pageHost: {
      value: '127.0.0.1',
      validate(value, _options) {
        return !hasPage(this) || liveProduction.check.host(this, value, 'pageHost');
      },
    },
    pagePort: {
      value: '8933',
      validate(value, _options) {
        return !hasPage(this) || liveProduction.check.port(this, value, 'pagePort');
      },
    },
    pageAddress: {
      value: '',
      validate(value, _options) {
        return !hasPage(this) || liveProduction.check.webAddressOrNone(this, value, 'pageAddress');
      },
    },
    pageProxies: {
      value: '',
      validate(value, _options) {
        return !hasPage(this) || liveProduction.check.networks(this, value, 'pageProxies');
      },
    },
    pageTls: { value: '', type: 'tls-config', required: false },
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
    liveProduction.tabs(this);
    // the editor puts the first one there is into an empty field, and TLS is nobody's default
    if (!this.pageTls) liveProduction.clear(this, 'pageTls');
    const rows = ['pageTitle', 'pageHost', 'pagePort', 'pageAddress', 'pageProxies', 'pageTls'];
    liveProduction.whenChanged(this, ['page'], () => {
      for (const property of rows) liveProduction.row(this, property).toggle(hasPage(this));
      $('.live-frames-links').toggle(hasPage(this));
    });
    $('#live-frames-link').on('click', () => void makeLink(this));
    const said = (key: string) => liveProduction.text(this, `link.${key}`);
    liveProduction.pressedTwice(
      $('#live-frames-withdraw'),
      { label: said('withdraw'), sure: said('sure') },
      () => void withdrawLinks(this),
    );
    void showUse(this);
  },
});
