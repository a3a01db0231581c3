/** The address of a webhook, up to and with `event=`: the event's name is put behind it. */
export function eventAddressOf(webhookUrl: string): string {
  const [address = ''] = webhookUrl.split('#');
  return `${address}${address.includes('?') ? '&' : '?'}event=`;
}
