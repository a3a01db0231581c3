import { msToChinaHour, msToNextChinaDay } from '../outcome/china-time.js';
import {
  accountWaits,
  is,
  RefusalTable,
  templateIsWrong,
  untilNumberIsFree,
  waits,
  type Refusal,
} from '../sms/refusal-table.js';

const THROTTLE_PAUSE_MS = 1000;
/** Advertising may be sent from 8 to 22 o'clock. */
const ADVERTISING_HOUR = 8;
const tomorrow = ({ nowMs }: Refusal): number => msToNextChinaDay(nowMs);

/** Codes of SendSms that are not `Ok`: of one number, or of a whole call. */
export const TENCENT_REFUSALS = new RefusalTable(
  {
    'InternalError.Timeout': is('retry'),
    'InternalError.OtherError': is('retry'),
    'InternalError.SigFieldMissing': is('bad_config'),
    'InternalError.SigVerificationFail': is('bad_config'),
    'InternalError.RequestTimeException': is('bad_config'),

    'LimitExceeded.DeliveryFrequencyLimit': waits(untilNumberIsFree),
    'LimitExceeded.PhoneNumberThirtySecondLimit': waits(() => 30_000),
    'LimitExceeded.PhoneNumberOneHourLimit': waits(() => 3_600_000),
    'LimitExceeded.PhoneNumberDailyLimit': waits(tomorrow),
    'LimitExceeded.PhoneNumberSameContentDailyLimit': waits(tomorrow),
    'LimitExceeded.AppDailyLimit': accountWaits(tomorrow),
    'LimitExceeded.DailyLimit': accountWaits(tomorrow),
    'LimitExceeded.PhoneNumberCountLimit': is('bad_content'),
    'FailedOperation.MarketingSendTimeConstraint': waits(({ nowMs }) => msToChinaHour(nowMs, ADVERTISING_HOUR)),

    'InvalidParameterValue.IncorrectPhoneNumber': is('bad_recipient'),
    'FailedOperation.PhoneNumberInBlacklist': is('bad_recipient'),

    'FailedOperation.ContainSensitiveWord': is('bad_content'),
    'InvalidParameterValue.ContentLengthLimit': is('bad_content'),

    'FailedOperation.SignatureIncorrectOrUnapproved': is('bad_config'),
    'FailedOperation.TemplateIncorrectOrUnapproved': templateIsWrong,
    'FailedOperation.InsufficientBalanceInSmsPackage': is('bad_config'),
    'InvalidParameterValue.SdkAppIdNotExist': is('bad_config'),
    'InvalidParameter.AppidAndBizId': is('bad_config'),
  },
  [
    [/^RequestLimitExceeded/, accountWaits(() => THROTTLE_PAUSE_MS)],
    [/^LimitExceeded/, waits(untilNumberIsFree)],
    [
      /^(?:UnauthorizedOperation|AuthFailure|IpInBlacklist|IpNotInWhitelist|NoSuch|ActionOffline|InvalidAction)/,
      is('bad_config'),
    ],
    // What the caller of the API did wrong, said of this one call.
    [/^(?:FailedOperation|InvalidParameter|MissingParameter|UnsupportedOperation)/, is('bad_content')],
  ],
);

/** A whole call may be refused for the sake of one of its numbers, or for their count: in smaller calls the others go through. */
export const blamesOneNumber = (code: string): boolean => /PhoneNumber|^UnsupportedOperation/.test(code);
