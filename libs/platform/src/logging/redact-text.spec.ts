import { describe, expect, it } from '@jest/globals';
import { redactText, redactUrl } from './redact-text.js';

describe('redactUrl', () => {
  it('blanks the values of secret parameters and keeps everything else', () => {
    expect(redactUrl('https://u:p@h:8443/msg/send?a=1&token=x.y-z&b=2&KEY=q#top')).toBe(
      'https://[redacted]@h:8443/msg/send?a=1&token=[redacted]&b=2&KEY=[redacted]#top',
    );
  });

  it('blanks whoever is named in a call of the relay', () => {
    expect(redactUrl('/app/message?type=message&do=get&token=secret&md5_id=5f88&key=admins&again=1')).toBe(
      '/app/message?type=message&do=get&token=[redacted]&md5_id=[redacted]&key=[redacted]&again=1',
    );
  });

  it('blanks codes for one use, which elsewhere are names of errors', () => {
    expect(redactUrl('/portal/enter?code=abc')).toBe('/portal/enter?code=[redacted]');
    expect(redactUrl('/portal/sign-in/callback?state=s&code=a%2Bb&iss=x')).toBe(
      '/portal/sign-in/callback?state=s&code=[redacted]&iss=x',
    );
    expect(redactText('code=not_found')).toBe('code=not_found');
  });

  it('leaves URLs and words alone that hold no secret', () => {
    for (const text of [
      '/v1/messages?limit=10&cursor=abc',
      'monkey=1',
      'a token of thanks',
      'keyboard',
      'mailto:a@b.c',
    ]) {
      expect(redactText(text)).toBe(text);
    }
  });

  it('cuts a text that is too long for a line', () => {
    expect(redactText('x'.repeat(10_000)).length).toBeLessThan(5_000);
  });
});
