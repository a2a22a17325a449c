const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
/** What turns or hides what follows, or is no character: everything invisible but the tab and the end of a line. */
const UNSEEN = /(?![\t\n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Surrogate}]/gu;

/** Text as it may stand in a page, between tags and in quoted attributes; without what turns or hides what follows. */
export function escapeHtml(text: string): string {
  return visible(text, '\u00b7').replace(/[&<>"']/g, (one) => ENTITIES[one]!);
}

/** Text without anything that turns or hides what follows: `instead` stands in its place. */
export function visible(text: string, instead: string): string {
  return text.replace(UNSEEN, instead);
}
