// What Slack takes, as its reference says (read in 2026). A body within these limits is not refused for its form.
//   https://docs.slack.dev/reference/block-kit/blocks                              50 blocks in a message
//   https://docs.slack.dev/reference/block-kit/blocks/header-block                 plain_text, 150 characters
//   https://docs.slack.dev/reference/block-kit/blocks/section-block                text 3000; 10 fields of 2000
//   https://docs.slack.dev/reference/block-kit/blocks/context-block                10 elements
//   https://docs.slack.dev/reference/block-kit/composition-objects/text-object     1 to 3000 characters
//   https://docs.slack.dev/messaging/formatting-message-text                       &, < and > are escaped
//   https://docs.slack.dev/reference/methods/chat.postMessage                      text 4000 advised, 40,000 cut
//   https://docs.slack.dev/legacy/legacy-messaging/legacy-secondary-message-attachments   20 attachments advised

interface Text {
  type?: unknown;
  text?: unknown;
  emoji?: unknown;
}
interface Block {
  type?: unknown;
  block_id?: unknown;
  text?: Text;
  fields?: Text[];
  elements?: Text[];
}
export interface SlackBody {
  text?: unknown;
  mrkdwn?: unknown;
  blocks?: Block[];
  attachments?: { color?: unknown; blocks?: Block[] }[];
}

const TEXT_LIMIT = 3000;
const NOTIFICATION_LIMIT = 4000;
/** `&` that begins none of the three entities, or one of the signs that must not stand for themselves */
const UNSAFE = /[<>]|&(?!(amp|lt|gt);)/;

/** Everything that Slack would refuse, or would take for more than text; empty for a good body. */
export function slackFaults(body: SlackBody): string[] {
  const faults: string[] = [];
  const check = (good: boolean, what: string): void => {
    if (!good) faults.push(what);
  };
  const isText = (text: unknown, limit: number, where: string): text is string => {
    if (typeof text !== 'string') {
      faults.push(`${where} is no text`);
      return false;
    }
    check(
      text.length >= 1 && text.length <= limit,
      `${where} has ${text.length} characters, not 1 to ${limit}`,
    );
    check(!UNSAFE.test(text), `${where} holds a sign that is not escaped`);
    check(!/\p{Surrogate}/u.test(text), `${where} holds half a character`);
    return true;
  };
  const isObject = (object: Text | undefined, limit: number, where: string, types = ['plain_text']): void => {
    // mrkdwn would make a mention, a link or bold letters out of a name; nothing of ours needs it
    check(types.includes(String(object?.type)), `${where} is ${String(object?.type)}`);
    check(object?.emoji !== true, `${where} turns :words: into pictures`);
    isText(object?.text, limit, where);
  };
  const isBlock = (block: Block, where: string): void => {
    const id = block.block_id;
    check(id === undefined || (typeof id === 'string' && id.length <= 255), `${where}.block_id`);
    switch (block.type) {
      case 'header':
        return isObject(block.text, 150, `${where} header`);
      case 'section': {
        const { text, fields } = block;
        check(text !== undefined || fields !== undefined, `${where} has neither text nor fields`);
        if (text) isObject(text, TEXT_LIMIT, `${where} text`);
        if (fields) {
          check(fields.length >= 1 && fields.length <= 10, `${where} has ${fields.length} fields`);
          fields.forEach((field, index) => isObject(field, 2000, `${where} field ${index}`));
        }
        return;
      }
      case 'context': {
        const elements = block.elements ?? [];
        check(elements.length >= 1 && elements.length <= 10, `${where} has ${elements.length} elements`);
        return elements.forEach((element, index) => isObject(element, TEXT_LIMIT, `${where} ${index}`));
      }
      case 'divider':
        return;
      default:
        faults.push(`${where} is ${String(block.type)}`);
    }
  };

  isText(body.text, NOTIFICATION_LIMIT, 'text');
  check(body.mrkdwn === false, 'text is read as mrkdwn');
  const attachments = body.attachments ?? [];
  check(attachments.length <= 20, `${attachments.length} attachments`);
  const blocks = [...(body.blocks ?? []), ...attachments.flatMap((one) => one.blocks ?? [])];
  check(blocks.length >= 1 && blocks.length <= 50, `${blocks.length} blocks`);
  blocks.forEach((block, index) => isBlock(block, `block ${index}`));
  for (const { color } of attachments) check(/^#[0-9a-f]{6}$/.test(String(color)), `colour ${String(color)}`);
  return faults;
}
