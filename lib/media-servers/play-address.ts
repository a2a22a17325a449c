/**
 * Where a player finds what somebody publishes.
 * @param template of the media server's dialog, with `{app}` and `{stream}` in it; null: none is known
 */
export function playAddress(
  template: string | null,
  { app, stream }: { app: string; stream: string },
): string | null {
  if (!template) return null;
  const parts: Record<string, string> = { app, stream };
  return template.replace(/\{(app|stream)\}/g, (_, part: string) => encodeURIComponent(parts[part]!));
}
