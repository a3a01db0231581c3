export { checkAddress, keptForm, type AddressCheck } from './address/check-address.js';
export { MAX_URL_LENGTH, httpUrlProblem, isHttpUrl } from './address/http-url.js';
export { normalizeMailAddress } from './address/mail-address.js';
export { normalizeMobile } from './address/phone-number.js';
export { isUserId, userIdProblem } from './address/user-id.js';
export { MAX_HTML_TAGS, hasTooManyTags } from './safety/html-tags.js';
export { htmlToText } from './safety/html-to-text.js';
export { pageHtmlOf, type PageHtml } from './safety/page-html.js';
export { sanitizeMessageHtml } from './safety/sanitize-message-html.js';
export { hasBadUnicode, hasControlCharacter, hasSmsSignatureBrackets, oneLine } from './safety/text-safety.js';
export { SensitiveWordMatcher, sensitiveWordProblem, type SensitiveMatch } from './sensitive/sensitive-word-matcher.js';
export { type ChannelContent, type ReadyContent, type TemplateContent } from './template/channel-content.js';
export { contentFor, inlineContentFor } from './template/inline-content.js';
export {
  ContentTooLongError,
  MAX_RENDERED_LENGTH,
  MissingParamError,
  escapeHtml,
  parseTemplate,
  placeholdersOf,
  previewText,
  render,
  type Escape,
  type ParsedTemplate,
} from './template/placeholder.js';
export { BadLinkError, renderContent, requiredParams, templateContentFor } from './template/render-content.js';
export { smsSegments, type SmsSegments } from './sms/sms-segments.js';
