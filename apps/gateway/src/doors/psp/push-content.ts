import type { PushPayload } from '#contracts';
import type { PushBody, PushConfigBody, PushMessageBody } from './psp.dto.js';
import { badField } from './psp.error.js';

/** @throws PspError `parameter` where what `display_type` needs is missing */
export function messagePayload(body: PushMessageBody): PushPayload {
  const { display_type: display, body: shown } = body.payload;
  const { title = '', custom } = shown;
  if (display === 'notification' && title.trim() === '') {
    throw badField('payload.body.title', '缺失：display_type 为 notification 时必填');
  }
  if (display === 'message' && (custom === undefined || custom === '')) {
    throw badField('payload.body.custom', '缺失：display_type 为 message 时必填');
  }
  return {
    display,
    ...(display === 'notification' ? { title } : {}),
    ...(custom === undefined || custom === '' ? {} : { custom }),
    ...labelsOf(body),
  };
}

export const configPayload = (body: PushConfigBody): PushPayload => ({
  display: 'config',
  body: body.payload.body,
  ...labelsOf(body),
});

/** Only devices for tests. What stands in the payload goes before what stands beside it. */
export function isTestOnly({ payload: { production_mode: inside = '' }, production_mode: beside }: PushBody): boolean {
  return String(inside === '' ? beside : inside) === 'false';
}

/** UTF-8 bytes of the payload's JSON. */
export const payloadBytes = ({ payload }: PushBody): number => Buffer.byteLength(JSON.stringify(payload));

function labelsOf({ payload, tag: tagBeside, description: descriptionBeside }: PushBody): Partial<PushPayload> {
  const tag = payload.tag || tagBeside;
  const description = payload.description || descriptionBeside;
  return { ...(tag ? { tag } : {}), ...(description ? { description } : {}) };
}
