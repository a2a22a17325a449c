import { VERDICTS } from './sentences';
import { html } from './table';
import type { ShowReport } from './types';
import { countText } from './words';

const COMMAND = 'npx -y -p @infrafabric/node-red-live-production live-witness verify';
/** What may stand in a command between quotes; a log's name is anybody's text. */
const SAFE = /^[\w.\/:+=@-]{1,300}$/;
const MOST_PROBLEMS = 8;

/** What was verified, and how anybody can do it again. */
export function proofSection({ verification, log }: ShowReport): string {
  const { verdict, sentence, total_events, signed_size, checkpoint, vkey, problems } = verification;
  const { cosigned_by, cosigned_size, closed, log_id, continued_in } = verification;
  const rows: [string, string][] = [
    ['Log', log.origin ?? 'its name cannot be read'],
    ['Entries', `${total_events}, of which ${signed_size} are under the newest signature`],
    ['Key of the log', vkey ?? 'it cannot be read'],
    [
      'Countersigned by',
      cosigned_by.length
        ? `${cosigned_by.join(', ')}${cosigned_size === null ? '' : ` (${countText(cosigned_size, 'entry', 'entries')})`}`
        : 'nobody',
    ],
    ['Ended properly', closed ? 'yes' : 'not yet, or Node-RED was ended without a word'],
  ];
  if (log_id !== null) rows.push(['Number of the log', log_id]);
  if (continued_in !== null) rows.push(['Goes on in', continued_in]);
  const facts = rows.map(
    ([name, value]) =>
      html`<dt>${name}</dt>
        <dd>${name === 'Key of the log' ? html`<code>${value}</code>` : value}</dd>`.markup,
  );
  const found = problems
    .filter(({ severity }) => severity !== 'notice' || verdict !== 'valid')
    .slice(0, MOST_PROBLEMS)
    .map(({ detail, seq, file, offset }) => {
      const where = [
        seq === null ? null : `entry ${seq}`,
        file === null ? null : `file ${file}`,
        offset === null ? null : `byte ${offset}`,
      ].filter((one) => one !== null);
      return html`<li>${detail}${where.length ? html` <small>${where.join(', ')}</small>` : html``}</li>`
        .markup;
    });
  const key = vkey !== null && SAFE.test(vkey) ? `'${vkey}'` : 'KEY';
  return `<section><h2>How sure this is</h2><div class="proof">
<p><b>${VERDICTS[verdict].word}.</b> ${html`${sentence}`.markup}</p>
${found.length ? `<ul>${found.join('')}</ul>` : ''}<dl>${facts.join('')}</dl>
${checkpoint === null ? '<p>There is no signed checkpoint.</p>' : `<h3>Signed checkpoint</h3>${html`<pre>${checkpoint.trimEnd()}</pre>`.markup}`}
<h3>To check it yourself</h3>
<p>Take the folder of the log to any computer with Node.js. Save the checkpoint that was sent to you that evening as <code>checkpoint.txt</code>; a copy from outside is what nobody here could change afterwards. Then:</p>
<pre>${html`${COMMAND} FOLDER --vkey ${key} --trusted checkpoint.txt`.markup}</pre>
<p class="soft">It has to say the same as above. This page itself is only a text: what counts is the log and that checkpoint.</p>
</div></section>`;
}
