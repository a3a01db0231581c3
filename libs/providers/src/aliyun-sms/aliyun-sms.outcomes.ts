import { msToNextChinaDay, msToNextChinaMonth } from '../outcome/china-time.js';
import {
  accountWaits,
  is,
  refusedHere,
  RefusalTable,
  templateIsWrong,
  untilNumberIsFree,
  waits,
} from '../sms/refusal-table.js';

const THROTTLE_PAUSE_MS = 1000;

/** Codes of SendSms that are not `OK`. */
export const ALIYUN_REFUSALS = new RefusalTable(
  {
    'isp.SYSTEM_ERROR': is('retry'),
    'isp.GATEWAY_ERROR': is('retry'),
    SignatureNonceUsed: is('retry'),

    // Too many to one number; only its words tell whether in the minute, the hour or the day.
    'isv.BUSINESS_LIMIT_CONTROL': waits(untilNumberIsFree),
    'isv.DAY_LIMIT_CONTROL': accountWaits(({ nowMs }) => msToNextChinaDay(nowMs)),
    'isv.MONTH_LIMIT_CONTROL': accountWaits(({ nowMs }) => msToNextChinaMonth(nowMs)),

    'isv.MOBILE_NUMBER_ILLEGAL': is('bad_recipient'),
    // For this content only (a forbidden word in a value, a template for abroad used at home): the number works.
    'isv.BLACK_KEY_CONTROL_LIMIT': refusedHere,
    'isv.DOMESTIC_NUMBER_NOT_SUPPORTED': refusedHere,
    'isv.MOBILE_COUNT_OVER_LIMIT': is('bad_content'),

    'isv.SMS_SIGNATURE_ILLEGAL': is('bad_config'),
    'isv.SMS_SIGNATURE_SCENE_ILLEGAL': templateIsWrong,
    'isv.SMS_SIGN_ILLEGAL': is('bad_config'),
    'isv.SIGN_STATE_ILLEGAL': is('bad_config'),
    'isv.SMS_TEMPLATE_ILLEGAL': templateIsWrong,
    'isp.RAM_PERMISSION_DENY': is('bad_config'),
    'isv.OUT_OF_SERVICE': is('bad_config'),
    'isv.AMOUNT_NOT_ENOUGH': is('bad_config'),
    'isv.PRODUCT_UN_SUBSCRIPT': is('bad_config'),
    'isv.PRODUCT_UNSUBSCRIBE': is('bad_config'),
    'isv.DENY_IP_RANGE': is('bad_config'),

    'isv.SMS_CONTENT_ILLEGAL': is('bad_content'),
    'isv.EXTEND_CODE_ERROR': is('bad_content'),
    'isv.TEMPLATE_MISSING_PARAMETERS': is('bad_content'),
    'isv.INVALID_JSON_PARAM': is('bad_content'),
    'isv.INVALID_PARAMETERS': is('bad_content'),
    'isv.PARAM_LENGTH_LIMIT': is('bad_content'),
    'isv.PARAM_NOT_SUPPORT_URL': is('bad_content'),
  },
  [
    [/^Throttling/, accountWaits(() => THROTTLE_PAUSE_MS)],
    [/^isv\.ACCOUNT_/, is('bad_config')],
    // What the caller of the API did wrong, said of this one call.
    [/^isv\./, is('bad_content')],
    // The gateway before the API does not know the account, its signature or its rights.
    [
      /^(?:InvalidAccessKey|Signature|IncompleteSignature|InvalidTimeStamp|Forbidden|NoPermission|InvalidSecurityToken)/,
      is('bad_config'),
    ],
  ],
);
