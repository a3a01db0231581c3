import { describe, expect, it } from '@jest/globals';
import { eventAddressOf } from './event-address.js';

describe('the address of an event', () => {
  it.each([
    ['https://chat.example.com/hooks', 'https://chat.example.com/hooks?event='],
    ['https://chat.example.com/hooks?key=1', 'https://chat.example.com/hooks?key=1&event='],
    ['http://10.0.0.1:8080/#top', 'http://10.0.0.1:8080/?event='],
  ])('of %s', (url, address) => {
    expect(eventAddressOf(url)).toBe(address);
  });
});
