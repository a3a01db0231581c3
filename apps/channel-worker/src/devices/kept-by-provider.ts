import type { ClaimedWork, MessageForSending } from '#entities';
import { sha256 } from '#platform';
import type { OutboundDelivery, RenderedContent } from '#providers';

/** Of a name that a provider may be given. */
const NAME_LENGTH = 32;

/**
 * What a provider of channel `push` is to know of a delivery that it keeps for a device which is away: until when, and that a
 * configuration takes the place of the one before it, of the same client app and tag.
 */
export function keptByProvider(
  { expires_at: expiresAt }: Pick<ClaimedWork, 'expires_at'>,
  { client_app_id: appId }: Pick<MessageForSending, 'client_app_id'>,
  { payload }: RenderedContent,
): Pick<OutboundDelivery, 'expiresAt' | 'replaces'> {
  const tag = payload?.display === 'config' ? payload.tag : undefined;
  return {
    ...(expiresAt === null ? {} : { expiresAt }),
    // A digest: tags are words of the caller, of any length.
    ...(tag ? { replaces: sha256(`${appId}\n${tag}`).toString('base64url').slice(0, NAME_LENGTH) } : {}),
  };
}
