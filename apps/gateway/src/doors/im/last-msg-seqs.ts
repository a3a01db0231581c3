/** Key of a channel among those that a client knows. */
export const knownChannel = (channelId: string, channelType: number): string => `${channelType}:${channelId}`;

/**
 * Where a client stands in its channels, as it writes it: `id:type:seq|id:type:seq`. What has another form is left out, as
 * the server whose interface this is does.
 */
export function readLastMsgSeqs(text: string): Map<string, number> {
  const seqs = new Map<string, number>();
  for (const entry of text.split('|')) {
    const [channelId, type, seq, ...rest] = entry.split(':');
    if (channelId === undefined || type === undefined || seq === undefined || rest.length > 0) continue;
    seqs.set(knownChannel(channelId, wholeNumber(type)), wholeNumber(seq));
  }
  return seqs;
}

const wholeNumber = (text: string): number => (/^\d{1,10}$/.test(text) ? Number(text) : 0);
