import { describe, expect, it } from '@jest/globals';
import { redactText, redactUrl } from './redact-text.js';

describe('redactUrl', () => {
  it('blanks the values of secret parameters and keeps everything else', () => {
    expect(redactUrl('https://u:p@h:8443/msg/send?a=1&token=x.y-z&b=2&KEY=q#top')).toBe(
      'https://[redacted]@h:8443/msg/send?a=1&token=[redacted]&b=2&KEY=[redacted]#top',
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
