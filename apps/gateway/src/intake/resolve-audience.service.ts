import { Injectable } from '@nestjs/common';
import { checkAddress, isUserId } from '#content';
import { DEVICE_TOKEN, type Audience, type DeviceAudience } from '#contracts';
import { OrgUnitLookup, TagRepository } from '#entities';
import type { AcceptMessage } from './accept-message.command.js';
import { IntakeError } from './intake-error.js';

/** Characters kept of an address that is none. */
const MAX_ADDRESS_LENGTH = 512;

/** From the caller's words to what is stored: tags by id, addresses normalized, every user once. */
@Injectable()
export class ResolveAudienceService {
  constructor(
    private readonly tags: TagRepository,
    private readonly orgUnits: OrgUnitLookup,
  ) {}

  async resolve({ app, to, badAddresses }: AcceptMessage): Promise<Audience> {
    const audience: Audience = {};
    if (to.users?.length) audience.users = distinctUsers(to.users);
    if (to.tags?.length) audience.tagIds = await Promise.all(to.tags.map((name) => this.tagId(app.appId, name)));
    if (to.orgUnits?.length) {
      const unknown = await this.orgUnits.unknownAmong(to.orgUnits);
      if (unknown !== null)
        throw new IntakeError('org_unit_unknown', `Org unit "${unknown}" does not exist.`, 'to.orgUnits');
      audience.orgUnits = [...new Set(to.orgUnits)];
    }
    if (to.addresses?.length) audience.addresses = distinctAddresses(to.addresses, badAddresses === 'fail');
    const devices = to.devices && distinctDevices(to.devices);
    if (devices) audience.devices = devices;
    if (to.all) {
      if (!app.features.has('broadcast')) {
        throw new IntakeError('broadcast_closed', 'Feature "broadcast" is not open to this client app.', 'to.all');
      }
      audience.all = true;
    }
    if (Object.keys(audience).length === 0)
      throw new IntakeError('audience_empty', 'The message goes to nobody: fill "to".', 'to');
    return audience;
  }

  private async tagId(appId: string, name: string): Promise<number> {
    const id = await this.tags.find(appId, name);
    if (id === null) throw new IntakeError('tag_unknown', `Tag "${name}" does not exist.`, 'to.tags', { tag: name });
    return id;
  }
}

function distinctUsers(users: NonNullable<Audience['users']>): NonNullable<Audience['users']> {
  const byId = new Map<string, NonNullable<Audience['users']>[number]>();
  for (const user of users) {
    if (!isUserId(user.id))
      throw new IntakeError('text_invalid', 'A user id is empty, too long, or holds control characters.', 'to.users');
    if (!byId.has(user.id)) byId.set(user.id, user);
  }
  return [...byId.values()];
}

/** Undefined where it names nobody. */
function distinctDevices({ tokens, users, orgUnits, ...options }: DeviceAudience): DeviceAudience | undefined {
  const bad = tokens?.findIndex((token) => !DEVICE_TOKEN.test(token)) ?? -1;
  if (bad >= 0)
    throw new IntakeError(
      'address_invalid',
      `Device token ${bad + 1} must be 1 to 512 letters, digits and the characters . _ : -`,
      `to.devices[${bad}]`,
    );
  if (users?.some((id) => !isUserId(id)))
    throw new IntakeError('text_invalid', 'A user id is empty, too long, or holds control characters.', 'to.devices');
  const named: DeviceAudience = {
    ...(tokens?.length && { tokens: [...new Set(tokens)] }),
    ...(users?.length && { users: [...new Set(users)] }),
    ...(orgUnits?.length && { orgUnits: [...new Set(orgUnits)] }),
  };
  return Object.keys(named).length > 0 ? { ...named, ...options } : undefined;
}

type Addresses = NonNullable<Audience['addresses']>;

/** @param keepsBad addresses that fail the check are kept for the report instead of refusing the message */
function distinctAddresses(addresses: NonNullable<AcceptMessage['to']['addresses']>, keepsBad: boolean): Addresses {
  const seen = new Map<string, Addresses[number]>();
  addresses.forEach((entry, index) => {
    const check = checkAddress(entry.channel, entry.address);
    if (!check.ok && !keepsBad) {
      throw new IntakeError(
        'address_invalid',
        `Address ${index + 1} (${entry.channel}): ${check.problem}.`,
        `to.addresses[${index}]`,
      );
    }
    const kept: Addresses[number] = check.ok
      ? { ...entry, address: check.normalized }
      : { ...entry, address: cut(entry.address), isInvalid: true };
    const key = `${entry.channel}\n${kept.address}`;
    if (!seen.has(key)) seen.set(key, kept);
  });
  return [...seen.values()];
}

/** Never half a character. */
const cut = (address: string): string => Array.from(address).slice(0, MAX_ADDRESS_LENGTH).join('');
