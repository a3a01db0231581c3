import { Body, Header, HttpCode, Post } from '@nestjs/common';
import { IM_MASTER, IM_SLAVE, IM_TOPIC, type ImEndedV1 } from '#contracts';
import { ImSessionRepository, ImSystemUidRepository, ImUserTokenRepository } from '#entities';
import { MessageBus } from '#messaging';
import { AppLogger, sha256 } from '#platform';
import { GivesUpLater, GivesUpSoon } from './give-up.interceptor.js';
import { ImDoorController } from './im-door.decorator.js';
import { ApiImDeviceQuit, ApiImOnlineStatus, ApiImSystemUids, ApiImUserToken } from './im-users.docs.js';
import { readFields, readUids } from './im.body.js';
import { JSON_TYPE, OK } from './im.envelope.js';
import { ImError } from './im.error.js';
import { isBlank } from './im.fields.js';

/** The published interface answers this with HTTP 200. */
const BANNED = '{"status":19}';
/** Sessions of one broadcast. */
const SESSIONS_AT_A_TIME = 10_000;

/** Who may connect, and who is connected. */
@ImDoorController()
export class ImUsersController {
  constructor(
    private readonly tokens: ImUserTokenRepository,
    private readonly sessions: ImSessionRepository,
    private readonly systemUids: ImSystemUidRepository,
    private readonly bus: MessageBus,
    private readonly logger: AppLogger,
  ) {}

  @Post('user/token')
  @HttpCode(200)
  @Header('content-type', JSON_TYPE)
  @ApiImUserToken()
  @GivesUpSoon()
  async token(@Body() raw: unknown): Promise<string> {
    const fields = readFields(raw, 'both');
    const uid = fields.id('uid');
    const token = fields.text('token');
    if (isBlank(uid)) throw new ImError('uid不能为空！');
    if (isBlank(token)) throw new ImError('token不能为空！');
    const ended = await this.tokens.store({
      uid,
      deviceFlag: fields.uint8('device_flag'),
      deviceLevel: fields.uint8('device_level') === IM_MASTER ? IM_MASTER : IM_SLAVE,
      tokenHash: sha256(token),
    });
    if (ended === null) return BANNED;
    this.tellEnded(ended);
    return OK;
  }

  @Post('user/device_quit')
  @HttpCode(200)
  @Header('content-type', JSON_TYPE)
  @ApiImDeviceQuit()
  @GivesUpSoon()
  async deviceQuit(@Body() raw: unknown): Promise<string> {
    const fields = readFields(raw, 'both');
    const uid = fields.id('uid');
    if (isBlank(uid)) throw new ImError('uid不能为空！');
    const flag = fields.int('device_flag');
    this.tellEnded(await this.tokens.drop(uid, flag < 0 ? -1 : fields.uint8('device_flag')));
    return OK;
  }

  @Post('user/onlinestatus')
  @HttpCode(200)
  @Header('content-type', JSON_TYPE)
  @ApiImOnlineStatus()
  @GivesUpLater()
  async onlineStatus(@Body() raw: unknown): Promise<string> {
    const devices = await this.sessions.online(readUids(raw, 'own'));
    return JSON.stringify(devices.map(({ uid, deviceFlag }) => ({ uid, device_flag: deviceFlag, online: 1 })));
  }

  @Post('user/systemuids_add')
  @HttpCode(200)
  @Header('content-type', JSON_TYPE)
  @ApiImSystemUids('添加系统账号', 'They may write to everybody and to every channel.')
  @GivesUpLater()
  async addSystemUids(@Body() raw: unknown): Promise<string> {
    await this.systemUids.add(readFields(raw, 'both').ids('uids'));
    return OK;
  }

  @Post('user/systemuids_remove')
  @HttpCode(200)
  @Header('content-type', JSON_TYPE)
  @ApiImSystemUids('移除系统账号', 'They are like anybody else again.')
  @GivesUpLater()
  async removeSystemUids(@Body() raw: unknown): Promise<string> {
    await this.systemUids.remove(readFields(raw, 'both').ids('uids'));
    return OK;
  }

  /** Not awaited: their rows say it too, and whoever holds such a session looks there by himself. */
  private tellEnded(sessionIds: readonly number[]): void {
    for (let from = 0; from < sessionIds.length; from += SESSIONS_AT_A_TIME) {
      const news: ImEndedV1 = { sessionIds: sessionIds.slice(from, from + SESSIONS_AT_A_TIME) };
      this.bus.broadcast(IM_TOPIC.ended, news).catch((error: unknown) => {
        this.logger.warn({ err: error }, 'sessions that have to end were not told, they are found in some seconds');
      });
    }
  }
}
