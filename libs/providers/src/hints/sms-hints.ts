import { hint, type HintTable } from './hint.js';

/** By provider of channel `sms` and its code. */
export const SMS_HINTS: Readonly<Record<string, HintTable>> = {
  aliyun: {
    no_template: hint(
      '内容与账号中登记的阿里云短信模板都不匹配：请把已审核模板的 CODE（SMS_…）和原文登记到 templates，或修改内容。',
      'The text fits none of the Aliyun templates listed in the account. List the approved one (SMS_…) with its text in templates, or change the text.',
    ),
    'isv.SMS_SIGNATURE_ILLEGAL': hint(
      '短信签名不存在或未审核通过，请核对签名名称。',
      'The signature does not exist or is not approved. Check its exact name.',
    ),
    'isv.SIGN_STATE_ILLEGAL': hint(
      '短信签名状态不可用（未审核通过或已失效），请在控制台核对签名。',
      'The signature is not in use: not approved, or no longer. Check it in the console.',
    ),
    'isv.SMS_TEMPLATE_ILLEGAL': hint(
      '短信模板不存在、未审核通过或不属于该账号。',
      'The template does not exist, is not approved, or belongs to another account.',
    ),
    'isv.BUSINESS_LIMIT_CONTROL': hint(
      '触发云通信流控（同一号码按分钟/小时/天限制），会自动稍后重试。',
      'The number has had too many messages (a minute, an hour, a day); it is tried again later by itself.',
    ),
    'isv.DAY_LIMIT_CONTROL': hint(
      '达到日发送量上限，请在控制台提高限额或等到次日。',
      'The day’s limit is reached. Raise it in the console or wait until tomorrow.',
    ),
    'isv.MONTH_LIMIT_CONTROL': hint(
      '达到月发送量上限，请在控制台提高限额或等到次月。',
      'The month’s limit is reached. Raise it in the console or wait until the next month.',
    ),
    'isv.AMOUNT_NOT_ENOUGH': hint('账户余额不足，请充值或购买套餐包。', 'The account has no balance. Top it up.'),
    'isv.OUT_OF_SERVICE': hint('账户欠费停机，请充值。', 'The account is stopped for want of payment. Top it up.'),
    'isv.MOBILE_NUMBER_ILLEGAL': hint('手机号格式错误，请核对号码。', 'The number is malformed. Correct it.'),
    'isv.TEMPLATE_MISSING_PARAMETERS': hint(
      '缺少模板变量，请补齐参数。',
      'A value of the template is missing. Give all of them.',
    ),
    'isv.SMS_CONTENT_ILLEGAL': hint('短信内容含违禁内容，请修改。', 'The content is forbidden. Change it.'),
    'isv.PARAM_LENGTH_LIMIT': hint('模板变量过长，请缩短。', 'A value of the template is too long. Shorten it.'),
    'isp.RAM_PERMISSION_DENY': hint(
      'AccessKey 没有短信权限，请授予 AliyunDysmsFullAccess。',
      'The access key lacks the right. Grant AliyunDysmsFullAccess.',
    ),
    'InvalidAccessKeyId.NotFound': hint(
      'AccessKey ID 不存在，请核对是否被删除或写错。',
      'There is no such access key. It was deleted or mistyped.',
    ),
    SignatureDoesNotMatch: hint(
      'AccessKey Secret 不正确，请重新填写。',
      'The access key’s secret is wrong. Enter it again.',
    ),
  },
  tencent: {
    no_template: hint(
      '内容与账号中登记的腾讯云短信模板都不匹配：请把已审核模板的 ID 和原文登记到 templates，或修改内容。',
      'The text fits none of the Tencent templates listed in the account. List the approved one by its id and text in templates, or change the text.',
    ),
    'FailedOperation.SignatureIncorrectOrUnapproved': hint(
      '签名不正确或未审核通过，请填写签名内容（不含【】）。',
      'The signature is wrong or not approved. Enter its text without the brackets.',
    ),
    'FailedOperation.TemplateIncorrectOrUnapproved': hint(
      '模板 ID 不正确、未审核通过，或内容与模板不符。',
      'The template is wrong or not approved, or the content does not fit it.',
    ),
    'FailedOperation.InsufficientBalanceInSmsPackage': hint(
      '套餐包余量不足，请购买短信套餐包。',
      'The SMS package is used up. Buy another.',
    ),
    'FailedOperation.PhoneNumberInBlacklist': hint(
      '号码在黑名单中（通常是用户退订），请改用其他通道。',
      'The number is blacklisted, mostly because its owner opted out. Use another channel.',
    ),
    'FailedOperation.ContainSensitiveWord': hint(
      '短信内容含敏感词，请修改后再发。',
      'The content holds a forbidden word. Change it.',
    ),
    'InvalidParameterValue.ContentLengthLimit': hint('短信内容过长，请缩短。', 'The content is too long. Shorten it.'),
    'InvalidParameterValue.SdkAppIdNotExist': hint(
      'SdkAppId 不存在，请在短信控制台「应用管理」核对。',
      'There is no such SdkAppId. Compare it with 应用管理 of the console.',
    ),
    'InvalidParameterValue.IncorrectPhoneNumber': hint('手机号格式错误。', 'The number is malformed. Correct it.'),
    'LimitExceeded.PhoneNumberThirtySecondLimit': hint(
      '该号码 30 秒内已达上限，会自动稍后重试，也可在控制台调整频率限制。',
      'The number has had the messages of 30 seconds; it is tried again by itself. The limit is set in the console.',
    ),
    'LimitExceeded.PhoneNumberOneHourLimit': hint(
      '该号码一小时内已达上限，会自动重试，也可在控制台调整频率限制。',
      'The number has had the messages of an hour; it is tried again by itself. The limit is set in the console.',
    ),
    'LimitExceeded.PhoneNumberDailyLimit': hint(
      '该号码当天已达上限，次日自动重试，也可在控制台调整频率限制。',
      'The number has had the messages of a day; it is tried again tomorrow. The limit is set in the console.',
    ),
    'LimitExceeded.AppDailyLimit': hint(
      '应用当日发送量已达上限，请在控制台调整。',
      'The app has reached its limit of the day. Raise it in the console.',
    ),
    'AuthFailure.SecretIdNotFound': hint('SecretId 不存在，请核对密钥。', 'There is no such SecretId. Check the key.'),
    'AuthFailure.SignatureFailure': hint('SecretKey 不正确，请重新填写。', 'The SecretKey is wrong. Enter it again.'),
    'AuthFailure.SignatureExpire': hint(
      '服务器时间与标准时间相差超过 5 分钟，请校准时钟。',
      'The server’s clock is more than 5 minutes off. Set it.',
    ),
    'UnauthorizedOperation.SmsSdkAppIdVerifyFail': hint(
      'SdkAppId 与密钥不属于同一账号，请在短信控制台「应用管理」核对。',
      'SdkAppId and key are of different accounts. Compare the SdkAppId with 应用管理 of the console.',
    ),
    UnauthorizedOperation: hint(
      '账号没有短信权限，请在访问管理中授予 QcloudSMSFullAccess。',
      'The account lacks the right. Grant QcloudSMSFullAccess.',
    ),
    'UnauthorizedOperation.RequestPermissionDeny': hint(
      '账号没有短信权限，请在访问管理中授予 QcloudSMSFullAccess。',
      'The account lacks the right. Grant QcloudSMSFullAccess.',
    ),
  },
  smpp: {
    '0x0d': hint(
      '绑定失败：请向运营商确认账号状态、绑定类型和 IP 白名单，以及连接数上限。',
      'The bind failed. Ask the operator about the account, the kind of bind, allowed IPs and the number of sessions.',
    ),
    '0x0e': hint(
      '密码错误，请核对 SMPP 密码（最多 8 个字符）。',
      'The password is wrong (it has at most 8 characters).',
    ),
    '0x0f': hint('system_id 错误，请核对账号。', 'The system_id is wrong.'),
    '0x05': hint(
      '账号已在别处绑定，请断开其他连接或向运营商申请更多连接数。',
      'The account is bound elsewhere. End that session or ask the operator for more.',
    ),
    '0x0a': hint(
      '源号码无效，请核对运营商分配的接入号。',
      'The source address is invalid. Use the number that the operator assigned.',
    ),
    '0x0b': hint('目标号码无效，请核对号码格式。', 'The destination number is invalid. Correct it.'),
    '0x14': hint('对方队列已满，会自动重试。', 'The operator’s queue is full; it is tried again by itself.'),
    '0x58': hint(
      '超过运营商限速，会自动重试；请调低通道速率。',
      'Faster than the operator allows; it is tried again by itself. Lower the channel’s rate.',
    ),
  },
};
